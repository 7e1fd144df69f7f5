/** Who and what the demo has: a clinic, the people it writes to, and three real messages. */

export const ORGANIZATION = 'clinic.example';
export const SENDER = `dr.ames@${ORGANIZATION}`;
export const KEYED = ['ann', 'bob'] as const;
export const KEYLESS = 'dora';
export const COLLEAGUE = `frontdesk@${ORGANIZATION}`;

/** Owner of a published test key, `test/vectors/keys/<name>.test-{cert,key}.pem`. */
export type KeyOwner = (typeof KEYED)[number] | typeof KEYLESS;

export function addressOf(owner: KeyOwner): string {
  return `${owner}@customer.example`;
}

export const RECIPIENTS = [...KEYED.map(addressOf), addressOf(KEYLESS), COLLEAGUE];

/** A real message of `test/vectors/messages`; its SOURCES.md says whose. */
export interface Sample {
  readonly file: string;
  readonly what: string;
}

export const SAMPLES = {
  smtp: { file: 'privileged-draft.eml', what: 'a legal draft with a Word file' },
  rest: { file: 'eight-bit-multipart.eml', what: '8-bit text with a picture' },
  webhook: { file: 'calendar.eml', what: 'an answer to an invitation' },
} as const satisfies Record<string, Sample>;

export type Door = keyof typeof SAMPLES;

export const DOOR_NAMES: Readonly<Record<Door, string>> = {
  smtp: 'SMTP',
  rest: 'REST',
  webhook: 'signed webhook',
};

/** The rule that the demo makes over REST: three kinds of mail, to outsiders only. */
export const RULE = {
  name: 'Confidential mail to outsiders',
  description: 'Legal advice, files and appointments leave the house encrypted.',
  conditions: {
    all: [
      { fact: 'recipient.scope', operator: 'equal', value: 'external' },
      {
        any: [
          { fact: 'subjectOrBody', operator: 'containsWords', value: ['attorney-client', 'privileged'] },
          { fact: 'attachment.extensions', operator: 'contains', value: ['png', 'pdf', 'docx'] },
          { fact: 'message.type', operator: 'contains', value: ['calendaring'] },
        ],
      },
    ],
  },
  exceptions: { any: [{ fact: 'subject', operator: 'containsWords', value: ['newsletter'] }] },
  actions: [{ type: 'encrypt', method: 'auto' }],
};
