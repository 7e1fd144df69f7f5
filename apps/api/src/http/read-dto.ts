import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import type { RequestProblem } from '../problem/api-error.js';
import { jsonPointer } from './json-pointer.js';

export interface ReadDto<T> {
  /** Only to be used where there are no problems. */
  readonly dto: T;
  /** Every problem at once. */
  readonly problems: readonly RequestProblem[];
}

/** Reads what came in as an instance of a DTO class, by its class-validator decorators; unknown properties are a problem. */
export async function readDto<T extends object>(Dto: new () => T, value: unknown): Promise<ReadDto<T>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const problem = { pointer: '', code: 'ERR_VALUE_INVALID', message: 'must be a JSON object' };
    return { dto: new Dto(), problems: [problem] };
  }
  const dto = plainToInstance(Dto, value, { exposeDefaultValues: true });
  const errors = await validate(dto, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    validationError: { target: false },
  });
  return { dto, problems: errors.flatMap((error) => problemsOf(error, [])) };
}

function problemsOf(error: ValidationError, above: readonly string[]): RequestProblem[] {
  const path = [...above, error.property];
  const own = Object.entries(error.constraints ?? {}).map(([name, text]) => problemOf(name, text, path, error));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, path))];
}

function problemOf(name: string, text: string, path: readonly string[], error: ValidationError): RequestProblem {
  const pointer = jsonPointer(...path);
  if (name === 'whitelistValidation') return { pointer, code: 'ERR_PROPERTY_UNKNOWN', message: 'unknown property' };
  const rule = text.startsWith(`${error.property} `) ? text.slice(error.property.length + 1) : text;
  if (error.value === undefined) return { pointer, code: 'ERR_PROPERTY_MISSING', message: `is needed: ${rule}` };
  return { pointer, code: 'ERR_VALUE_INVALID', message: rule };
}
