/** Node's flags for a thread or process that runs our TypeScript from source (see `from-source.mjs`). */
export const FROM_SOURCE: readonly string[] = ['--import', new URL('./from-source.mjs', import.meta.url).href];
