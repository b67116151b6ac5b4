import { existsSync } from 'node:fs';
import { parse, validate } from 'graphql';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createGateway, type Gateway } from '../../../src/gateway.ts';
import { schema } from '../../../src/schema/index.ts';
import { workflowTabs } from '../../../src/server/http/workflow-tabs.ts';
import { simulatedClock } from '../../../src/simulator/clock.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { seedImages } from '../../support/contract/seed-images.ts';

const executablePath = '/usr/bin/chromium';
const isSkipped = !existsSync(executablePath) && process.env.CI === undefined;
if (isSkipped) console.warn('GraphiQL is not tested, there is no Chromium: apt-get install chromium');

// biome-ignore format: one switch after the other
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run'];

const tabNames = [
  'SignIn',
  'Choose',
  'Create',
  'Watch',
  'Show',
  'Renew',
  'Stop',
  'WatchStop',
  'Start',
  'WatchStart',
  'Delete',
];

it('the tabs of GraphiQL are operations of the schema', () => {
  const errors = workflowTabs({}).flatMap(({ query }) => validate(schema, parse(query)));
  expect(errors.map(({ message }) => message)).toEqual([]);
});

describe.skipIf(isSkipped)('GraphiQL', () => {
  // time passes only when a test says so: no state change is missed, however slow the browser is
  const clock = simulatedClock(Date.now());
  const requested: string[] = [];
  const strangers: string[] = [];
  const refused: string[] = [];
  let simulator: Simulator;
  let gateway: Gateway;
  let browser: Browser;
  let page: Page;

  const startGateway = (token: string): Promise<Gateway> => {
    const { endpoints: _, ...config } = readConfig({ PORT: '0', LOG_LEVEL: 'silent', POLL_INTERVAL_MS: '50' });
    const { domain, user, password, projectName, projectId } = simulator.demo;
    return createGateway({
      ...config,
      endpoints: { modelarts: simulator.url, iam: simulator.url },
      projectId: null,
      graphiqlHeaders: { 'X-Auth-Token': token, 'X-Project-Id': projectId },
      signIn: { domain, user, password, projectName },
    });
  };

  async function open(url: string): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    opened.on('request', (request) => {
      if (/^(?:blob|data):/.test(request.url())) return;
      requested.push(request.url());
      if (new URL(request.url()).origin !== new URL(url).origin) strangers.push(request.url());
    });
    opened.on('console', (message) => {
      if (/content security policy/i.test(message.text())) refused.push(message.text());
    });
    await opened.goto(url);
    await loaded(opened);
    return opened;
  }

  const loaded = (on: Page): Promise<void> => on.locator('.graphiql-response .monaco-editor').waitFor();

  /** Opens a tab. GraphiQL learns the name of its operation up to 100 ms later; played before that, it refuses. */
  async function choose(name: string, on = page): Promise<void> {
    await on.getByTitle(name, { exact: true }).click();
    await on.evaluate('new Promise((resolve) => setTimeout(resolve, 150))');
  }

  const play = (on = page): Promise<void> => on.getByRole('button', { name: 'Execute query' }).click();

  /** What the answer pane shows; it draws only the lines in sight. */
  async function shown(on = page): Promise<string> {
    const text = await on.locator('.graphiql-response .view-lines').innerText();
    return text.replaceAll('\u00a0', ' ');
  }

  /** Plays a query or mutation. */
  async function played(name: string, on = page): Promise<{ data?: Record<string, unknown>; errors?: unknown }> {
    await choose(name, on);
    const answered = on.waitForResponse((response) => response.request().postData()?.includes(`"${name}"`) === true);
    await play(on);
    return (await answered).json();
  }

  const untilShown = (text: string, on = page): Promise<void> => expect.poll(() => shown(on)).toContain(text);

  beforeAll(async () => {
    simulator = await startSimulator({ clock });
    gateway = await startGateway(simulator.demo.token);
    browser = await chromium.launch({ executablePath, args });
    page = await open(gateway.url);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    await simulator?.close();
  });

  it('opens with a tab for each step of the workflow', async () => {
    expect(await page.title()).toBe('ModelArts');
    expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual(tabNames);
  });

  it('holds the demo token in its headers pane', async () => {
    await page.getByRole('button', { name: 'Headers' }).click();
    const pane = page.locator('.graphiql-editor-tool .view-lines:visible');
    await expect.poll(() => pane.innerText()).toContain('"X-Auth-Token"');
    expect(await pane.innerText()).toContain(simulator.demo.token.slice(0, 20));
  });

  it('shows the images of the seed', async () => {
    const { data } = await played('Choose');
    expect(data).toMatchObject({ images: { totalCount: seedImages.count, nodes: { length: seedImages.count } } });
    await untilShown(`"totalCount": ${seedImages.count}`);
  });

  it('works tab by tab with nothing to copy, and shows events as they come', async () => {
    const step = async (name: string, expected: object): Promise<void> => {
      expect(await played(name), name).toMatchObject({ data: expected });
    };
    const watch = async (name: string, before: string, after: string): Promise<void> => {
      await choose(name);
      await play();
      await untilShown(`"status": "${before}"`);
      clock.advance(60_000);
      await untilShown(`"status": "${after}"`);
      // the subscription is over: what was the stop button plays again
      await page.getByRole('button', { name: 'Execute query' }).waitFor();
    };
    await step('SignIn', { issueToken: { token: expect.any(String), project: { name: 'eu-de' } } });
    await step('Create', { createNotebook: { notebook: { status: 'CREATING' } } });
    await watch('Watch', 'CREATING', 'RUNNING');
    await step('Show', { notebook: { name: 'notebooks_test', status: 'RUNNING' }, notebooks: { totalCount: 1 } });
    await step('Renew', { renewLease: { lease: { expiresAt: expect.any(String) } } });
    await step('Stop', { stopNotebook: { notebook: { status: 'STOPPING' } } });
    await watch('WatchStop', 'STOPPING', 'STOPPED');
    await step('Start', { startNotebook: { notebook: { status: 'STARTING' } } });
    await watch('WatchStart', 'STARTING', 'RUNNING');
    await step('Delete', { deleteNotebook: { notebookId: expect.any(String) } });
  }, 60_000);

  it('opens at the same tab when it is loaded again, and puts nothing typed into the address', async () => {
    await choose('Renew');
    // what is typed is stored a moment later
    await page.waitForTimeout(700);
    await page.reload();
    await loaded(page);
    expect(page.url()).toBe(gateway.url);
    expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual(tabNames);
    expect(await page.getByRole('tab', { selected: true }).innerText()).toContain('Renew');
  });

  it('uses the token of the last sign-in where the headers pane says {{token}}, and forgets it when left', async () => {
    const signedOut = await startGateway('{{token}}');
    try {
      const visit = await open(signedOut.url);
      await play(visit);
      await untilShown('"token": ', visit);
      expect(await played('Choose', visit)).toMatchObject({ data: { images: { totalCount: seedImages.count } } });
      await visit.reload();
      await loaded(visit);
      expect(await played('Choose', visit)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      await visit.close();
    } finally {
      await signedOut.close();
    }
  }, 30_000);

  it('asked no other server for anything', () => {
    expect(requested).toContain(gateway.url);
    expect(strangers).toEqual([]);
  });

  it('may ask no other server, and keeps to its own policy', async () => {
    expect(refused).toEqual([]);
    const response = await fetch(gateway.url, { headers: { accept: 'text/html' } });
    await response.body?.cancel();
    const policy = response.headers.get('content-security-policy') ?? '';
    const sources = policy.split(/[ ;]+/).filter((word) => word.includes(':') || word.includes('*'));
    expect(policy).toMatch(/^default-src 'self';/);
    expect(sources.filter((source) => source !== 'blob:' && source !== 'data:')).toEqual([]);
  });
});
