/**
 * Returns the milliseconds of CPU that this thread has used. What must not take long is measured by it: unlike a clock, it
 * does not go on while other programs have the machine.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
