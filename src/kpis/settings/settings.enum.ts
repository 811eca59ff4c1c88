import { registerEnumType } from 'type-graphql';

export const RfmBinningEnum = { SHARE: 'SHARE', QUANTILES: 'QUANTILES' } as const;

registerEnumType(RfmBinningEnum, {
  name: 'RfmBinning',
  description: 'How customers are spread over scores from 1 to 5.',
  valuesConfig: {
    SHARE: {
      description:
        'By the fifth of the customers in which the middle of those with the same value lies: equal values share a score, ' +
        'and few distinct values make fewer scores.',
    },
    QUANTILES: {
      description: 'By the type-7 quantiles at .2 .4 .6 .8, each with 1 added: as the R package rfm does.',
    },
  },
});

export const AbcBasisEnum = { MARGIN: 'MARGIN', REVENUE: 'REVENUE' } as const;

registerEnumType(AbcBasisEnum, {
  name: 'AbcBasis',
  description: 'What customers are classed by.',
  valuesConfig: {
    MARGIN: { description: 'Net revenue less costs, where costs are known; otherwise net revenue.' },
    REVENUE: { description: 'Net revenue.' },
  },
});
