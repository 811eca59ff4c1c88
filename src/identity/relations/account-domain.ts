import { badInput } from '../../kernel/errors.ts';

const mostDomains = 50;
const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** The domains in the form in which DNS has them, each once, sorted. Throws `BAD_USER_INPUT`. */
export function checkDomains(domains: readonly string[]): string[] {
  if (domains.length > mostDomains) throw badInput(`Expected at most ${mostDomains} domains.`, 'input.domains');
  const normalised = domains.map((domain, index) => {
    const known = normaliseDomain(domain);
    if (known === undefined) {
      throw badInput(
        `Expected a domain such as example.com, got ${JSON.stringify(domain.slice(0, 80))}.`,
        `input.domains[${index}]`,
      );
    }
    return known;
  });
  return [...new Set(normalised)].sort();
}

/** `Müller.Example.` → `xn--mller-kva.example`; `undefined` for what is no domain name of at least two labels. */
export function normaliseDomain(domain: string): string | undefined {
  const text = domain.trim().replace(/\.$/, '');
  if (text === '' || text.length > 253 || /[\s/@:?#\\[\]]/.test(text)) return undefined;
  if (!URL.canParse(`http://${text}`)) return undefined;
  const { hostname } = new URL(`http://${text}`);
  const labels = hostname.split('.');
  const isName = labels.length >= 2 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1)!);
  return isName ? hostname : undefined;
}
