import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { nestOptions } from '#lib/adapters';
import { NeedsScope, Open } from './access.js';
import { checkRoutes } from './check-routes.js';

@Controller('a')
class Guarded {
  @Get()
  @NeedsScope('rules:read')
  one(): string {
    return this.helper();
  }

  @Get('b')
  @Open('a test')
  two(): string {
    return '';
  }

  helper(): string {
    return '';
  }
}

@Controller('c')
class Silent {
  @Get()
  forgotten(): string {
    return '';
  }
}

@Module({ imports: [DiscoveryModule], controllers: [Guarded] })
class GoodModule {}

@Module({ imports: [DiscoveryModule], controllers: [Guarded, Silent] })
class BadModule {}

const quiet = () => nestOptions(pino({ level: 'silent' }));

describe('checkRoutes', () => {
  it('guarantees that a route that says nothing stops the start', async () => {
    const good = await NestFactory.create(GoodModule, quiet());
    expect(checkRoutes(good)).toBe(2);
    await good.close();
    const bad = await NestFactory.create(BadModule, quiet());
    expect(() => checkRoutes(bad)).toThrow('Silent.forgotten');
    await bad.close();
  });
});
