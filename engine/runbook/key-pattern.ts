/** Whether a step's key fits a pattern, in which `*` stands for any text. */
export function fits(pattern: string, key: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(key)
}
