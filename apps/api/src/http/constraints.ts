import { Transform } from 'class-transformer';
import { registerDecorator, ValidateIf } from 'class-validator';
import { normalizeAddress } from '#lib/core';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

function constraint(name: string, message: string, holds: (value: unknown) => boolean): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      options: { message: `must be ${message}` },
      validator: { validate: holds },
    });
  };
}

/** The property may be left out; `null` is a value like any other. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** A mail address, in the form of `normalizeAddress` from then on. */
export function IsAddress(): PropertyDecorator {
  return both(
    Transform(({ value }) => (typeof value === 'string' ? (normalizeAddress(value) ?? value) : (value as unknown))),
    constraint('isAddress', 'a mail address such as ann@clinic.example', isAddress),
  );
}

/** The same, or '' for the null sender. */
export function IsSender(): PropertyDecorator {
  return both(
    Transform(({ value }) => (typeof value === 'string' ? (normalizeAddress(value) ?? value) : (value as unknown))),
    constraint('isSender', 'a mail address, or empty for the null sender', (value) => value === '' || isAddress(value)),
  );
}

/** One address or several, as a list without repeats from then on; at most `countMax`. A query names it once or more often. */
export function IsAddresses(countMax: number): PropertyDecorator {
  return both(
    Transform(({ value }) => {
      const list: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
      const isOther = list.length === 0 && value !== undefined && !Array.isArray(value);
      return isOther
        ? (value as unknown)
        : [...new Set(list.map((one) => (typeof one === 'string' ? (normalizeAddress(one) ?? one) : one)))];
    }),
    constraint(
      'isAddresses',
      `at most ${countMax} mail addresses`,
      (value) => Array.isArray(value) && value.length <= countMax && value.every(isAddress),
    ),
  );
}

/** A time of RFC 3339, as a `Date` from then on. */
export function IsTimestamp(): PropertyDecorator {
  return both(
    Transform(({ value }) => {
      if (typeof value !== 'string' || !TIMESTAMP.test(value)) return value as unknown;
      const date = new Date(value);
      return Number.isNaN(date.getTime()) ? value : date;
    }),
    constraint('isTimestamp', 'a time of RFC 3339 such as 2026-12-31T23:59:59Z', (value) => value instanceof Date),
  );
}

/** Base64 of RFC 4648, with or without line breaks. */
export function IsBase64Text(): PropertyDecorator {
  return constraint('isBase64Text', 'base64', (value) => typeof value === 'string' && isBase64(value));
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && normalizeAddress(value) === value;
}

function isBase64(text: string): boolean {
  const plain = text.replace(/[\r\n\t ]+/g, '');
  return plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
}

function both(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}
