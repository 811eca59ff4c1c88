import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { GivenPurchase } from './fixture.ts';

const file = '../shared/data/online-retail/online_retail.csv.gz';

export function isOnlineRetailHere(what: string): boolean {
  const present = existsSync(file);
  if (!present) console.warn(`Skipped: ${file} is not here, so ${what} against the Online Retail data.`);
  return present;
}

let read: readonly GivenPurchase[] | undefined;

/**
 * Invoices of known customers, one purchase each, and cancellations (`C…`), which name no invoice. Postage and manual lines are
 * what was bought as much as anything else.
 */
export function onlineRetailPurchases(): readonly GivenPurchase[] {
  read ??= readPurchases();
  return read;
}

function readPurchases(): GivenPurchase[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  const invoices = new Map<string, { customer: string; at: string; minor: number }>();
  for (const line of lines.slice(1)) {
    const { invoice, quantity, at, price, customer } = readLine(line);
    if (customer === '') continue;
    const known = invoices.get(invoice) ?? { customer, at, minor: 0 };
    known.minor += Math.round(quantity * price * 100);
    invoices.set(invoice, known);
  }
  return [...invoices].map(([invoice, { customer, at, minor }]) => ({
    ...{ customer, at: `${at.replace(' ', 'T')}Z`, currency: 'GBP', valueMinor: Math.abs(minor) },
    kind: invoice.startsWith('C') || minor < 0 ? 'RETURN' : 'ORDER',
  }));
}

/** Descriptions may hold commas, in quotation marks. */
function readLine(line: string) {
  const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)!.map((cell) => cell.replace(/,$/, ''));
  const [invoice, , , quantity, at, price, customer] = cells as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { invoice, quantity: Number(quantity), at, price: Number(price), customer };
}
