/** What a DTO class describes, as plain data: what is answered is never an instance of it. */
export type Plain<T> = T extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : T extends Date
    ? T
    : T extends object
      ? { readonly [Key in keyof T]: Plain<T[Key]> }
      : T;
