import { SetMetadata } from '@nestjs/common';

export const WITHOUT_PLATFORM = 'sealflow:without-platform';

/** The route answers also while the database is not there yet. */
export const WithoutPlatform = (): MethodDecorator & ClassDecorator => SetMetadata(WITHOUT_PLATFORM, true);
