/** A process cannot start as it is set up. The message is one sentence for whoever starts it, without any value. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
