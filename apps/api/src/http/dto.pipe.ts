import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { invalid } from '../problem/api-error.js';
import { readDto } from './read-dto.js';

const PLAIN: ReadonlySet<unknown> = new Set([undefined, Object, String, Number, Boolean, Array]);

/** Bodies and queries that are typed as a DTO class are read as one; every problem at once (422). */
@Injectable()
export class DtoPipe implements PipeTransform {
  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if ((type !== 'body' && type !== 'query') || PLAIN.has(metatype)) return value;
    const { dto, problems } = await readDto(
      metatype as new () => object,
      type === 'query' ? { ...(value as object) } : value,
    );
    if (problems.length > 0) throw invalid(...problems);
    return dto;
  }
}
