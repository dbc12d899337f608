/** Returns whether an argument is a full resource name; its project overrides `--project`. */
export const isFullResourceName = (value: string): boolean =>
  /^(\/\/|https?:|projects\/|namespaces\/|folders\/|organizations\/)/i.test(value)
