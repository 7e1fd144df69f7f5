import 'reflect-metadata';
import { Secret } from '#lib/core';

/** Where a value comes from and how it is read, as docs/config.md shows it. */
export interface SettingInfo {
  readonly property: string;
  readonly variable: string;
  readonly meaning: string;
  /** The default as people read it; the property's initial value is the one in force. */
  readonly defaultText: string;
  readonly read: (text: string) => unknown;
}

const SETTINGS = Symbol('settings');

/**
 * Marks a property of a config block as read from one environment variable (or the file that its `_FILE` twin names).
 * The class-validator decorators beside it say what is allowed.
 */
export function Setting(
  variable: string,
  info: { meaning: string; defaultText: string; read?: (text: string) => unknown },
): PropertyDecorator {
  return (target, property) => {
    const list = (Reflect.getOwnMetadata(SETTINGS, target) as SettingInfo[] | undefined) ?? [];
    list.push({ property: String(property), variable, read: asText, ...info });
    Reflect.defineMetadata(SETTINGS, list, target);
  };
}

/** The settings of a block class, in the order in which they are written. */
export function settingsOf(block: new () => object): readonly SettingInfo[] {
  return (Reflect.getOwnMetadata(SETTINGS, block.prototype as object) as SettingInfo[] | undefined) ?? [];
}

export const asText = (text: string): string => text;
export const asSecret = (text: string): Secret => new Secret(text);
/** A base that paths are put behind: without the `/` at its end. */
export const asBaseUrl = (text: string): string => text.replace(/\/$/, '');
export const asInteger = (text: string): number => (/^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN);
export const asList = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
