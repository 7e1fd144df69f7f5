import type { DirectoryUserInput } from './directory-stores.js';

/** What is written of a person, as it is stored. */
export interface UserInputRow {
  readonly address: string;
  readonly aliases: readonly string[];
  readonly display_name: string | null;
  readonly manager: string | null;
  readonly attributes: DirectoryUserInput['attributes'];
  readonly can_encrypt: boolean;
}

export function userInputOf(row: UserInputRow): DirectoryUserInput {
  const { address, aliases, display_name: displayName, manager, attributes, can_encrypt: canEncrypt } = row;
  return { address, aliases, displayName, manager, attributes, canEncrypt };
}
