import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ApiError } from '../problem/api-error.js';
import { addressOf, setApiKey } from '../http/api-request.js';
import { ACCESS, type Access } from './access.js';
import { Authenticator } from './authenticator.js';
import { requireAnyScope, requireScopes } from './require-scopes.js';

/** Lets in whoever has a key with the scopes of the route. A route that says nothing lets nobody in. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === undefined) throw new ApiError('ERR_METHOD_REFUSED');
    if ('openBecause' in access) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const [scheme = '', token, ...more] = (request.headers.authorization ?? '').trim().split(/ +/);
    if (scheme.toLowerCase() !== 'bearer' || token === undefined || more.length > 0) {
      throw new ApiError('ERR_API_KEY_MISSING');
    }
    const apiKey = await this.authenticator.authenticate(token, addressOf(request));
    setApiKey(request, apiKey);
    if ('scopes' in access) requireScopes(apiKey, access.scopes);
    else requireAnyScope(apiKey, access.anyOf);
    return true;
  }
}
