import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Platform } from '../platform.js';
import { WITHOUT_PLATFORM } from './without-platform.js';

/** Until database and keys have been there once, only what says how we are is answered; the rest is 503. */
@Injectable()
export class StartupGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly platform: Platform,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const needsNothing = this.reflector.getAllAndOverride<boolean | undefined>(WITHOUT_PLATFORM, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (needsNothing !== true) this.platform.requireOpen();
    return true;
  }
}
