import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithCorpus } from '../../../test/support/corpus.js';
import { Budget } from './judge/budget.js';
import { judgeLeaf, type LeafResult } from './judge/judge-leaf.js';
import { TextForms } from './judge/text-forms.js';
import { compileLeaf } from './language/leaf.js';
import { oracleTree } from './oracle/oracle-conditions.js';
import { validateRule } from './save/validate-rule.js';
import type { LeafCondition } from './types.js';
import { SETTINGS, recordOf } from './fakes/samples.js';

/** One line of the corpus: a text and where in it something stands, or does not. */
interface Case {
  readonly text: string;
  readonly entity: string;
  readonly positive: boolean;
  readonly start: number;
  readonly end: number;
}

/** Patterns that administrators write for want of a classifier: they find all that is there, and more. */
const PATTERNS: Readonly<Record<string, string>> = {
  BIC: '\\b[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?\\b',
  CA_POSTCODE: '\\b[A-Z]\\d[A-Z][ -]?\\d[A-Z]\\d\\b',
  CREDIT_CARD: '\\b\\d{4}([ -]?\\d){8,15}\\b',
  DE_VAT_ID: '\\bDE[ .-]?\\d{3}[ .-]?\\d{3}[ .-]?\\d{3}\\b',
  EMAIL_ADDRESS: '("|\\b[\\w.!#$%&*+/=?^{|}~-]+)@[\\pL\\d-]+(\\.[\\pL\\d-]+)+',
  ETHEREUM_ADDRESS: '\\b0x[0-9a-f]{40}\\b',
  GB_POSTCODE: '\\b[A-Z]{1,2}\\d[A-Z\\d]? ?\\d[A-Z]{2}\\b',
  IBAN_CODE: '\\b[A-Z]{2}\\d{2}([ -]?[A-Z0-9]){11,30}\\b',
  IMEI: '\\b\\d{2}-?\\d{6}-?\\d{6}-?\\d\\b',
  IP_ADDRESS: '\\b\\d{1,3}(\\.\\d{1,3}){3}\\b|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.%]*',
  ISIN: '\\b[A-Z]{2}[A-Z0-9]{9}\\d\\b',
  MAC_ADDRESS: '\\b[0-9a-f]{2}([:\\-. ]?[0-9a-f]{2}){5}\\b|\\b[0-9a-f]{4}\\.[0-9a-f]{4}\\.[0-9a-f]{4}\\b',
  NL_POSTCODE: '\\b[1-9]\\d{3} ?[A-Z]{2}\\b',
  PHONE_NUMBER: '\\pN[^\\pL]{5,}\\pN',
  UK_NHS: '\\b\\d{3}[- ]?\\d{3}[- ]?\\d{4}\\b',
  UK_NINO: '\\b[A-Z]{2} ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]?\\b',
  US_MBI: '\\b\\d[A-Z][A-Z0-9]\\d-?[A-Z][A-Z0-9]\\d-?[A-Z]{2}\\d\\d\\b',
  US_SSN: '\\b\\d{3}[- .]?\\d{2}[- .]?\\d{4}\\b',
};
/** Of these nothing in the long texts has even the form. */
const NOT_IN_CLEAN_TEXTS = ['ETHEREUM_ADDRESS', 'DE_VAT_ID', 'US_MBI'];

/** Cases of kinds that have no pattern here, by kind without its country. */
const LEFT: Readonly<Record<string, number>> = {
  AADHAAR: 9,
  ABA_ROUTING_NUMBER: 5,
  ABN: 7,
  ACN: 8,
  BANK_NUMBER: 1,
  BRN: 5,
  BSNR: 7,
  CRYPTO: 15,
  DATE_TIME: 18,
  DRIVER_LICENSE: 22,
  DRIVING_LICENCE: 9,
  FISCAL_CODE: 1,
  FRN: 13,
  FUEHRERSCHEIN: 3,
  GENERAL_PASSWORD: 121,
  GSTIN: 9,
  HANDELSREGISTER: 4,
  HEALTH_INSURANCE: 8,
  ID: 115,
  IDENTITY_CARD: 4,
  ID_CARD: 14,
  ID_NUMBER: 8,
  ITIN: 7,
  KFZ: 3,
  LANR: 6,
  LICENSE_PLATE: 132,
  MEDICAL_LICENSE: 4,
  MEDICARE: 4,
  MOBILE_NUMBER: 16,
  NATIONAL_ID: 17,
  NIE: 7,
  NIF: 7,
  NIN: 3,
  NPI: 7,
  NRIC_FIN: 5,
  ORGANISATIONSNUMMER: 6,
  PAN: 4,
  PASSPORT: 149,
  PERSONAL_IDENTITY_CODE: 25,
  PERSONNUMMER: 11,
  PESEL: 8,
  PHONE_NUMBER: 11,
  PLZ: 3,
  POSTCODE: 25,
  RRN: 13,
  SIN: 10,
  SOCIAL_SECURITY: 8,
  TAX_ID: 209,
  TAX_NUMBER: 9,
  TFN: 5,
  TIN: 3,
  TNIN: 20,
  URL: 8,
  VAT: 213,
  VAT_CODE: 4,
  VEHICLE_REGISTRATION: 23,
  VOTER: 2,
};

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function judge(operator: string, value: string, text: string): LeafResult {
  const leaf: LeafCondition = { fact: 'body', operator, value };
  const saved = validateRule({ name: 'x', conditions: leaf, actions: [{ type: 'stop' }] });
  expect([operator, value, saved]).toEqual([
    operator,
    value,
    expect.not.objectContaining({ problems: expect.anything() }),
  ]);
  const means = { forms: new TextForms(), budget: new Budget(1, () => 0) };
  return judgeLeaf(compileLeaf(0, leaf), { items: [text] }, means);
}

/** What the plain reading of the rule language says. */
function plainly(operator: string, value: string, text: string): unknown {
  const record = recordOf(['ann@customer.example'], { message: { body: text } });
  const viewer = { ...record.recipients[0]!, copy: { edits: [], added: [], removed: [], protection: null } };
  const world = { record, settings: SETTINGS, conditions: {} };
  return oracleTree({ fact: 'body', operator, value }, '', viewer, world, () => undefined);
}

describeWithCorpus('sensitive texts of the whole corpus', (folder) => {
  const lines = readFileSync(join(folder, 'dlp/cases.jsonl'), 'utf8').split('\n');
  const cases = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Case);

  it('guarantee that each is found by the operators on text, as the plain reading finds it', () => {
    const found = { spans: 0, words: 0, left: 0 };
    for (const { text, positive, start, end } of cases) {
      if (!positive) {
        // That something is no such number takes a classifier to say.
        found.left += 1;
        continue;
      }
      const span = text.slice(start, end);
      found.spans += 1;
      expect([span, judge('containsText', span, text).truth]).toEqual([span, true]);
      expect([span, judge('startsWith', span, text).truth]).toEqual([span, text.startsWith(span)]);
      expect([span, judge('endsWith', span, text).truth]).toEqual([span, text.endsWith(span)]);
      expect([span, judge('equal', span, text).truth]).toEqual([span, text === span]);
      const { truth, evidence } = judge('matches', quoted(span), text);
      expect([span, truth, evidence]).toEqual([span, true, [span.normalize('NFC').slice(0, 200)]]);
      const isWhole = judge('containsWords', span, text).truth;
      expect([span, isWhole]).toEqual([span, plainly('containsWords', span, text)]);
      if (isWhole === true) found.words += 1;
    }
    // A span that stands within a longer word is found as text only.
    expect(found).toEqual({ spans: 1_256, words: 1_254, left: 915 });
  });

  it('guarantee that patterns find all of a kind; what they take for it wrongly is told', () => {
    const left: Record<string, number> = {};
    const wrong: Record<string, number> = {};
    let judged = 0;
    for (const { text, entity, positive } of cases) {
      const pattern = PATTERNS[entity];
      if (pattern === undefined) {
        const kind = entity.replace(/^[A-Z]{2}_/, '');
        left[kind] = (left[kind] ?? 0) + 1;
        continue;
      }
      judged += 1;
      const { truth } = judge('matches', pattern, text);
      if (positive) expect([entity, text, truth]).toEqual([entity, text, true]);
      else if (truth === true) wrong[entity] = (wrong[entity] ?? 0) + 1;
    }
    expect(judged).toBe(778);
    expect(wrong).toEqual({
      CA_POSTCODE: 1,
      CREDIT_CARD: 8,
      EMAIL_ADDRESS: 18,
      IBAN_CODE: 92,
      IP_ADDRESS: 15,
      MAC_ADDRESS: 3,
      NL_POSTCODE: 3,
      PHONE_NUMBER: 14,
      UK_NHS: 1,
      UK_NINO: 4,
      US_MBI: 2,
      US_SSN: 8,
    });
    // Told by checksums, by words around them, or by what a country writes: these come with classifiers.
    expect(left).toEqual(LEFT);
  });

  it('guarantee that no pattern meets a limit in long texts', () => {
    const names = readFileSync(join(folder, 'dlp/clean.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const files = names.map((line) => (JSON.parse(line) as { readonly file: string }).file);
    for (const file of files) {
      const text = readFileSync(join(folder, 'dlp', file), 'utf8');
      for (const [entity, pattern] of Object.entries(PATTERNS)) {
        const { truth } = judge('matches', pattern, text);
        expect([file, entity, typeof truth]).toEqual([file, entity, 'boolean']);
        if (NOT_IN_CLEAN_TEXTS.includes(entity)) expect([file, entity, truth]).toEqual([file, entity, false]);
      }
    }
  });
});
