import { ConfigError, migrate } from '#lib/adapters';
import { readMigrateConfig } from './config.js';
import { sentenceOf } from './failure.js';
import { Progress } from './progress.js';

/** `npm run migrate`: brings the database up to date, as the owner role. */
const progress = new Progress();

async function run(): Promise<void> {
  const { owner, database } = readMigrateConfig();
  let count = 0;
  await migrate({
    ownerUrl: owner.databaseOwnerUrl,
    applicationUrl: database.databaseUrl,
    onProgress: (fileName) => {
      count += 1;
      progress.step(fileName);
    },
  });
  progress.line(count === 0 ? 'The database is up to date.' : `The database is up to date (${count} migrations done).`);
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof ConfigError ? error.message : sentenceOf(error)}\n`);
    process.exit(1);
  },
);
