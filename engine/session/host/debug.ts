import { printable } from '../../base/printable.ts'
import { quoteWord } from '../../plan/describe.ts'
import type { GcloudCall } from '../../steps/world.ts'
import type { Cloud, Runtime } from './runtime.ts'

/**
 * Returns the same runtime, which reports on stderr each command and request of the clouds that it opens, for
 * BREAKGLASS_DEBUG. No payload is reported, and each line passes the redactor; what runs before a cloud is open, and so
 * before anything can be redacted, is reported by its duration only.
 */
export function debugged(runtime: Runtime): Runtime {
  const say = (text: string) => runtime.err(`debug: ${text}`)
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    try {
      return await work()
    } finally {
      say(`${what} (${Math.round(performance.now() - start)} ms)`)
    }
  }
  return {
    ...runtime,
    openCloud: async (choice, wanted) =>
      debuggedCloud(await timed(`opened the ${nameOf(choice.kind)}`, () => runtime.openCloud(choice, wanted)), say),
    examine: (choice, wanted) => timed(`examined the ${nameOf(choice.kind)}`, () => runtime.examine(choice, wanted)),
  }
}

const nameOf = (kind: 'live' | 'sandbox' | 'scenario'): string => (kind === 'live' ? 'real cloud' : 'sandbox')

function debuggedCloud(cloud: Cloud, print: (text: string) => void): Cloud {
  const { world } = cloud
  const say = (text: string) => print(printable(world.mask(text)))
  const answered = (answer: { status: number } | { failed: string }): string =>
    'failed' in answer ? `failed: ${answer.failed}` : String(answer.status)
  return {
    ...cloud,
    world: {
      ...world,
      async gcloud(call) {
        const result = await world.gcloud(call)
        const { way, exitCode, durationMs } = result
        say(`${commandOf(call, world.mask)} (${way}, ${durationMs} ms, exit ${exitCode ?? 'none'}; ${reasonFor(call)})`)
        return result
      },
      async http(url, timeoutMs) {
        const answer = await world.http(url, timeoutMs)
        say(`GET ${URL.parse(url)?.host ?? 'an invalid URL'}: ${answered(answer)}`)
        return answer
      },
      async github(path, timeoutMs) {
        const answer = await world.github(path, timeoutMs)
        say(`GET ${path} of the GitHub API: ${answered(answer)}`)
        return answer
      },
      async script(call) {
        const result = await world.script(call)
        say(`script ${call.argv[0] ?? ''} (exit ${result.exitCode ?? 'none'})`)
        return result
      },
    },
  }
}

const commandOf = ({ argv, project }: GcloudCall, mask: (text: string) => string): string =>
  ['gcloud', ...argv, `--project=${project}`].map((argument) => quoteWord(mask(argument))).join(' ')

const reasonFor = ({ step, onlyReads }: GcloudCall): string =>
  `${onlyReads ? 'reads' : 'changes'}${step === undefined ? '' : ` for ${step}`}`
