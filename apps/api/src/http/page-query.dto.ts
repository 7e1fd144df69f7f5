import { Transform } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import type { PageQuery } from '#lib/adapters';
import { MayBeAbsent } from './constraints.js';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

/** `?limit=&cursor=` of every list. */
export class PageQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT })
  @Transform(({ value }) => (typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : (value as unknown)))
  @IsInt({ message: `must be a whole number from 1 to ${LIMIT_MAX}` })
  @Min(1, { message: `must be a whole number from 1 to ${LIMIT_MAX}` })
  @Max(LIMIT_MAX, { message: `must be a whole number from 1 to ${LIMIT_MAX}` })
  limit = LIMIT_DEFAULT;

  @ApiPropertyOptional({ type: 'string', description: '`nextCursor` of the page before; absent: the first page.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(1_000)
  cursor?: string;
}

export function pageOf({ limit, cursor }: PageQueryDto): PageQuery {
  return { limit, cursor: cursor === undefined || cursor === '' ? null : cursor };
}
