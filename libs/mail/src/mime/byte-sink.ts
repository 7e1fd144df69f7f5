/** Takes the decoded bytes of one part. Bytes given may be kept. */
export interface ByteSink {
  /** Decoded bytes; only while `isHungry`. */
  push(bytes: Uint8Array): void;
  /** So many decoded bytes that nobody looks at. */
  skip(sizeBytes: number): void;
  /** The part ended. */
  end(): void;
  /** `false` once only the number of bytes matters: decoders then count instead of decoding. */
  readonly isHungry: boolean;
}

/** Undoes a content transfer encoding (RFC 2045 section 6); what comes out goes to a {@link ByteSink}. */
export interface TransferDecoder {
  push(bytes: Uint8Array): void;
  end(): void;
}
