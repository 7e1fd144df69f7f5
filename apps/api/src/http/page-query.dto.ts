import { Transform } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import type { PageQuery } from '#lib/adapters';
import { MayBeAbsent } from './constraints.js';

export const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 200;

/** How much a page has; a query says it in digits. */
export function IsPageLimit(): PropertyDecorator {
  const message = `must be a whole number from 1 to ${LIMIT_MAX}`;
  const decorators = [
    Transform(({ value }) =>
      typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : (value as unknown),
    ),
    IsInt({ message }),
    Min(1, { message }),
    Max(LIMIT_MAX, { message }),
  ];
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}

/** `?limit=&cursor=` of every list. */
export class PageQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT })
  @IsPageLimit()
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
