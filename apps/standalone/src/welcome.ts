export interface WelcomeInput {
  readonly url: string;
  /** Host and port of the SMTP door. */
  readonly smtp: string;
  readonly dataDir: string;
  readonly hasRelay: boolean;
  readonly hasDomains: boolean;
  /** Shown once, when it is new. */
  readonly firstKey: string | undefined;
}

/** What people read once everything runs: where to go, what is missing, and the first key. */
export function welcome(input: WelcomeInput): string {
  const paragraphs = [
    [
      `start page   ${input.url}/`,
      `API          ${input.url}/v1, described at ${input.url}/docs`,
      `queues       ${input.url}/queues`,
      `SMTP door    ${input.smtp}`,
      `data, logs   ${input.dataDir}`,
    ],
    ...(input.hasRelay
      ? []
      : [
          ['No relay is set: mail waits. Set SEALFLOW_RELAY_URL, such as smtp://mail.example.org:25, and start again.'],
        ]),
    ...(input.firstKey === undefined
      ? []
      : [['The first API key, with every scope. It is shown this once:', `  ${input.firstKey}`]]),
    ...(input.firstKey === undefined || input.hasDomains
      ? []
      : [
          [
            'No domain counts as yours: SEALFLOW_ORG_DOMAINS was not set. End Sealflow and start it again with, say,',
            'SEALFLOW_ORG_DOMAINS=clinic.example.',
          ],
        ]),
  ];
  return paragraphs.map((lines) => `\n${lines.map((line) => `  ${line}\n`).join('')}`).join('');
}
