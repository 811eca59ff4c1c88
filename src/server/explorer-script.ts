interface Tab {
  readonly title: string;
  readonly query: string;
  readonly variables?: object;
}

/** What a newcomer finds in the explorer's tabs. A test checks each against the schema. */
export const exampleTabs: readonly Tab[] = [
  {
    title: 'Customers',
    query: `# Every operation needs an API key: the variable "apiKey" of the environment (top right).
query Customers {
  customers(first: 5) {
    nodes {
      id
      lastSeenAt
      traits {
        name
        value
      }
      touchpoints(first: 3) {
        nodes {
          type
          occurredAt
        }
      }
    }
  }
}
`,
  },
  {
    title: 'Live',
    query: `# Every touchpoint as it is recorded. Ask for the same again "after" the last cursor, and nothing is missed.
subscription Live {
  touchpointRecorded {
    cursor
    touchpoint {
      type
      channel
      occurredAt
    }
    customer {
      id
    }
  }
}
`,
  },
  {
    title: 'Ingest',
    query: `mutation Ingest($events: [TouchpointInput!]!) {
  ingest(events: $events) {
    stored
    duplicates
    results {
      status
      code
      message
      customerId
    }
  }
}
`,
    variables: {
      events: [
        {
          messageId: 'explorer-1',
          source: 'web',
          identifiers: [{ kind: 'email', value: 'jane@example.com' }],
          type: 'page.viewed',
          occurredAt: '2026-03-29T10:00:00Z',
          properties: { path: '/' },
        },
      ],
    },
  },
];

/**
 * Starts Altair with our address, examples and a place for the key. The address is known in the browser only: a proxy
 * may stand between. A link `/#key=rundum_live_…` brings the key along; what follows `#` never leaves the browser.
 */
export function explorerScript(): string {
  return `
const key = new URLSearchParams(location.hash.slice(1)).get('key') ?? 'rundum_live_…';
history.replaceState(null, '', location.pathname);
const endpoint = new URL('/graphql', location.href).href;
const connection = {
  endpointURL: endpoint,
  subscriptionsEndpoint: endpoint.replace(/^http/, 'ws'),
  initialSubscriptionRequestHandlerId: 'graphql-ws',
  initialSubscriptionsPayload: { authorization: 'Bearer {{apiKey}}' },
  initialHeaders: { authorization: 'Bearer {{apiKey}}' },
};
const tabs = ${JSON.stringify(exampleTabs)};
AltairGraphQL.init({
  ...connection,
  initialWindows: tabs.map(({ title, query, variables }) => ({
    ...connection,
    initialName: title,
    initialQuery: query,
    initialVariables: variables && JSON.stringify(variables, null, 2),
  })),
  initialEnvironments: { base: { title: 'Rundum', variables: { apiKey: key } } },
  initialSettings: {
    'banners.disable': true,
    'alert.disableUpdateNotification': true,
    'schema.reloadOnStart': true,
    'schema.reload.onEnvChange': true,
  },
  preserveState: false,
  disableAccount: true,
});
`;
}
