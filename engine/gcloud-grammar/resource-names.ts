/** Whether a word of a command names its resource in full, with the project that it is in: that beats `--project`. */
export const namesOtherResource = (value: string): boolean =>
  /^(\/\/|https?:|projects\/|namespaces\/|folders\/|organizations\/)/i.test(value)
