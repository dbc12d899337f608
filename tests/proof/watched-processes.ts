import { readdirSync, readFileSync } from 'node:fs'

/** The argv and environment of processes, as the kernel shows them to others, by process and kind. */
export type Watch = { end(): Record<string, Buffer> }

/** Looks at every process whose environment names a folder, again and again, until it is ended. */
export function watchProcesses(folder: string): Watch {
  const seen: Record<string, Buffer> = {}
  const look = () => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`)
        if (!environment.includes(folder)) continue
        seen[`/proc/${pid}/environ`] = environment
        seen[`/proc/${pid}/cmdline`] = readFileSync(`/proc/${pid}/cmdline`)
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  const timer = setInterval(look, 20)
  return {
    end() {
      clearInterval(timer)
      return seen
    },
  }
}
