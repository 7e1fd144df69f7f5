import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayNotEmpty, ArrayUnique, IsArray, IsIn, IsOptional, IsString, Length } from 'class-validator';
import { SCOPES, type Scope } from '#lib/adapters';
import { IsTimestamp } from '../http/constraints.js';

export class ApiKeyInputDto {
  @ApiProperty({ maxLength: 200 })
  @IsString({ message: 'must be a text' })
  @Length(1, 200, { message: 'must have 1 to 200 characters' })
  name!: string;

  @ApiProperty({ enum: SCOPES, isArray: true })
  @IsArray({ message: 'must be a list of scopes' })
  @ArrayNotEmpty({ message: 'must have at least one scope' })
  @ArrayUnique({ message: 'must name each scope once' })
  @IsIn(SCOPES, { each: true, message: `must be scopes of ${SCOPES.join(', ')}` })
  scopes!: Scope[];

  @ApiPropertyOptional({ type: 'string', format: 'date-time', nullable: true, default: null })
  @IsOptional()
  @IsTimestamp()
  expiresAt?: Date | null;
}

export class ApiKeyDto {
  @ApiProperty({ format: 'uuid', description: 'Also the user name at the SMTP door.' })
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: SCOPES, isArray: true })
  scopes!: Scope[];

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  expiresAt!: string | null;
}

export class NewApiKeyDto extends ApiKeyDto {
  @ApiProperty({ description: 'The key itself, shown once: only its digest is kept.' })
  key!: string;
}

export class ApiKeyListDto {
  @ApiProperty({ type: () => [ApiKeyDto] })
  items!: ApiKeyDto[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}
