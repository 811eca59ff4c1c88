import { existsSync } from 'node:fs';
import { parse, validate } from 'graphql';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleTabs } from '../../src/server/explorer-script.ts';
import { createSchema } from '../../src/server/schema.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

test.each(exampleTabs.map((tab) => [tab.title, tab.query]))(
  'the example "%s" is a valid operation',
  (_title, query) => {
    expect(validate(createSchema(new Map()), parse(query))).toEqual([]);
  },
);

describe.skipIf(!browserPath)(
  `the explorer in a browser${browserPath ? '' : ' (skipped: no Chromium on this machine)'}`,
  () => {
    let server: TestServer;
    let browser: Browser;
    let page: Page;
    const requests: string[] = [];
    const problems: string[] = [];

    beforeAll(async () => {
      server = await startTestServer();
      browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu'] });
      page = await browser.newPage();
      page.on('request', (request) => requests.push(request.url()));
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    const shown = () => page.locator('body').innerText();
    const open = (tab: string) => page.getByText(tab, { exact: true }).first().click();
    const send = () => page.getByText('Send Request').first().click();

    async function record(type: string, messageId: string): Promise<void> {
      const event = { messageId, source: 'web', key: 'visitor', type, occurredAt: new Date().toISOString() };
      await server.graphql('mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }', {
        events: [event],
      });
    }

    test('loads from this server alone, runs a query and shows a live event', { timeout: 240_000 }, async () => {
      await page.goto(`${server.url}/#key=${server.ownerKey}`, { waitUntil: 'load' });
      expect(page.url()).toBe(`${server.url}/`);
      await open('Customers');
      await send();
      await expect.poll(shown, { timeout: 90_000, interval: 200 }).toContain('"nodes"');

      await open('Live');
      await send();
      let count = 0;
      const recordAndLook = async () => {
        await record('explorer.tested', `m${++count}`);
        return shown();
      };
      await expect.poll(recordAndLook, { timeout: 90_000, interval: 300 }).toContain('"type": "explorer.tested"');

      // `data:` and `blob:` addresses have the origin "null".
      const origins = new Set(requests.map((url) => new URL(url).origin));
      origins.delete('null');
      expect([...origins]).toEqual([server.url]);
      expect(problems).toEqual([]);
    });
  },
);
