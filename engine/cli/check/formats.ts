import { toGithub } from '../../report/github.ts'
import { type Suite, toJunit } from '../../report/junit.ts'
import { toSarif } from '../../report/sarif.ts'
import { emit } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type SeenEnvironment, verdictOn } from './environment.ts'
import type { OpenItem } from './open-items.ts'

/** The forms in which a check can be told. */
export const CHECK_FORMATS = ['text', 'json', 'junit', 'sarif', 'github'] as const
export type CheckFormat = (typeof CHECK_FORMATS)[number]

/** What a check has seen, what somebody still owes, and how it ends. */
export type EndedCheck = { seen: SeenEnvironment[]; open: OpenItem[]; exitCode: number }

/** Writes what a check has seen to stdout, in the form that was asked for; the text for people has been said by then. */
export function writeCheck(format: CheckFormat, ended: EndedCheck, runtime: Runtime): void {
  const { seen } = ended
  const checked = seen.flatMap((each) => each.checked)
  switch (format) {
    case 'text':
      break
    case 'json':
      emit(toJson(ended), runtime)
      break
    case 'junit':
      runtime.out(toJunit(seen.map(toSuite)))
      break
    case 'sarif':
      emit(toSarif(checked, runtime.version), runtime)
      break
    case 'github':
      for (const line of toGithub(checked)) runtime.command(line)
  }
}

function toJson({ seen, open, exitCode }: EndedCheck): object {
  return {
    exitCode,
    environments: seen.map((each) => {
      const {
        environment: { name, project },
        cloud,
        failed,
      } = each
      const error = failed === undefined ? {} : { error: { message: failed.message, hint: failed.hint } }
      return { environment: name, project, cloud, verdict: verdictOn(each), ...error }
    }),
    steps: seen.flatMap(({ environment, steps, checked }) =>
      steps.map((step) => {
        const because = checked.find(({ key }) => key === step.key)?.because
        return { environment: environment.name, ...step, ...(because === undefined ? {} : { known: because }) }
      }),
    ),
    backfill: seen.flatMap(({ environment, backfill }) =>
      backfill.map((point) => ({ environment: environment.name, ...point })),
    ),
    open,
  }
}

const OUTCOMES = { conformant: 'passed', known: 'passed', drift: 'failed', unknown: 'error' } as const

const toSuite = ({ environment, checked }: SeenEnvironment): Suite => ({
  name: environment.name,
  cases: checked.map(({ title, rule, status, key, says }) => ({
    name: title,
    group: rule,
    outcome: OUTCOMES[status],
    says: status === 'conformant' ? '' : `${key}: ${says}`,
  })),
})
