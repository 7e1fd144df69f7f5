import { generic } from './generic.js';
import { mailgun } from './mailgun.js';
import type { Provider } from './provider.js';

/** Everybody whose webhooks are understood, by name. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [generic, mailgun].map((provider) => [provider.name, provider]),
);
