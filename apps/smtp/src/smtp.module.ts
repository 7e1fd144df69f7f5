import { Module, type DynamicModule } from '@nestjs/common';
import { ProcessSelf } from '#lib/adapters';
import { SmtpDoor } from './server/smtp-door.js';
import type { BuiltDoor } from './start/build-door.js';
import type { DoorLog } from './start/door-log.js';
import { DoorMetrics } from './start/door-metrics.js';

/** The SMTP door on what was opened for it. */
@Module({})
export class SmtpModule {
  static on(built: BuiltDoor, log: DoorLog): DynamicModule {
    return {
      module: SmtpModule,
      providers: [
        { provide: SmtpDoor, useValue: built.door },
        { provide: DoorMetrics, useValue: built.metrics },
        {
          provide: ProcessSelf,
          useFactory: ({ registry }: DoorMetrics) =>
            new ProcessSelf({
              id: built.id,
              app: 'smtp',
              processes: built.database.processes,
              state: () => ({ open: built.keys.isOpen, connections: built.door.connectionCount }),
              metrics: () => registry.getMetricsAsJSON(),
              onTrouble: (error) => log.trouble('process report', error),
            }),
          inject: [DoorMetrics],
        },
      ],
    };
  }
}
