import type { Browser, Page } from 'playwright-core';
import { ApiServer } from '../support/api-server.js';
import { openBrowser, picture } from '../support/browser.js';
import { describeWith } from '../support/tools.js';
import { waitFor } from '../support/wait-for.js';

const ENVELOPE = '?mailFrom=ann@clinic.example&rcptTo=bob@customer.example';

describeWith(['chromium'], 'The API in a browser', () => {
  let api: ApiServer;
  let browser: Browser;
  let page: Page;
  /** Hosts other than ours that a page asked for, and got an answer from. */
  const strangers: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    api = await ApiServer.start();
    browser = await openBrowser();
    page = await browser.newPage();
    page.on('response', (response) => {
      if (!response.url().startsWith(api.url) && !response.url().startsWith('data:')) strangers.push(response.url());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
  }, 90_000);

  afterAll(async () => {
    await browser.close();
    await api.stop();
  });

  afterEach(() => {
    expect(strangers.splice(0)).toEqual([]);
    expect(errors.splice(0)).toEqual([]);
  });

  async function isWithinWindow(): Promise<boolean> {
    return await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
  }

  it('says what runs on its start page, on a phone too', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(api.url);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Mail rules and encryption');
    expect(await page.getByRole('row', { name: /Database OK/ }).count()).toBe(1);
    expect(await page.getByRole('row', { name: /Relay Not ready/ }).count()).toBe(1);
    expect(await isWithinWindow()).toBe(true);
    await picture(page, 'start-page');
    await page.getByRole('link', { name: 'Queues' }).click();
    await page.waitForURL('**/queues/login');
  }, 60_000);

  it('shows the documentation, with every part of it from here', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${api.url}/docs`);
    await page.getByText('Make a rule').first().waitFor();
    await page.getByText('/v1/rules/evaluate').first().click();
    await page.getByText('A dry run: nothing is kept or sent.').first().waitFor();
    await page.getByText('Make a rule').first().click();
    await page.locator('.opblock.is-open .responses-wrapper').nth(1).waitFor();
    expect(await isWithinWindow()).toBe(true);
    await picture(page, 'docs');
  }, 60_000);

  it('lets nobody see the queues without a key', async () => {
    await page.goto(`${api.url}/queues`);
    await page.getByLabel('API key with the scope queues').fill('wrong');
    await picture(page, 'queues-logged-out');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    expect(errors.splice(0).join()).toContain('401');
    await picture(page, 'queues-refused');
  }, 60_000);

  it('shows a failed job and its messages, and retries it', async () => {
    const sent = await api.submit(ENVELOPE, 'Subject: x\r\n\r\nx');
    await api.platform.enqueue.idle();
    const consumer = api.queue.consume('process', () => Promise.reject(new Error('a test')), { concurrency: 1 });
    await waitFor('the job to fail', async () => (await api.queue.depth()).process.failed === 1, { timeoutMs: 60_000 });
    await consumer.close();

    await page.goto(`${api.url}/queues/login`);
    await page.getByLabel('API key with the scope queues').fill(api.apiKey);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Sealflow queues').first().waitFor();
    await picture(page, 'queues-overview');
    await page.goto(`${api.url}/queues/queue/process?status=failed`);
    const messages = page.getByRole('link', { name: 'Messages of this job' });
    await messages.waitFor();
    // What the dashboard shows of the error is its code, and nothing of what it said.
    await page.getByText('Error: UNKNOWN').first().waitFor();
    expect(await page.getByText('a test').count()).toBe(0);
    await picture(page, 'queues-failed-job');

    const href = (await messages.getAttribute('href')) ?? '';
    await page.goto(`${api.url}${href}`);
    expect(await page.getByRole('row', { name: new RegExp(sent.json.id) }).textContent()).toContain('accepted');
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await isWithinWindow()).toBe(true);
    await picture(page, 'queues-messages-of-job');

    await page.goto(`${api.url}/queues/queue/process?status=failed`);
    await page.getByRole('button', { name: 'Retry all' }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await waitFor('the job to wait again', async () => (await api.queue.depth()).process.failed === 0);
    await page.goto(`${api.url}/queues/queue/process?status=waiting`);
    await page.getByText('Waiting').first().waitFor();
    await picture(page, 'queues-after-retry');

    await page.goto(`${api.url}/queues/logout`);
    await page.goto(`${api.url}/queues/queue/process`);
    await page.waitForURL('**/queues/login');
  }, 120_000);
});
