import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsInt, IsUUID, Min } from 'class-validator';

const RULES_MAX = 10_000;

export class ReorderDto {
  @ApiProperty({
    type: [String],
    format: 'uuid',
    description: 'The ids of all rules, the one to be asked first at the top.',
  })
  @IsArray({ message: 'must be the list of the ids of all rules' })
  @ArrayMaxSize(RULES_MAX)
  @ArrayUnique({ message: 'must name each rule once' })
  @IsUUID('all', { each: true, message: 'must be the list of the ids of all rules' })
  ids!: string[];
}

export class RollbackDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'The older version that is to be in force again.' })
  @IsInt({ message: 'must be the number of a version' })
  @Min(1, { message: 'must be the number of a version' })
  version!: number;
}
