import type { Look } from './look.js';
import type { Person } from './person.js';

/** A recipient for whom the message looks as it says. */
export interface Asked {
  readonly look: Look;
  readonly person: Person;
}
