import { toGithub } from '../../report/github.ts'
import { type Suite, toJunit } from '../../report/junit.ts'
import { toSarif } from '../../report/sarif.ts'
import { emit } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type CheckedEnvironment, verdictOn } from './environment.ts'
import type { OpenItem } from './open-items.ts'

/** The formats of a check's report. */
export const CHECK_FORMATS = ['text', 'json', 'junit', 'sarif', 'github'] as const
export type CheckFormat = (typeof CHECK_FORMATS)[number]

/** The result of a check: each environment, what is still owed, and the exit code. */
export type EndedCheck = { results: CheckedEnvironment[]; open: OpenItem[]; exitCode: number }

/** Writes the result of a check to stdout in a format for machines; the text for people is already printed. */
export function writeCheck(format: CheckFormat, ended: EndedCheck, runtime: Runtime): void {
  const { results } = ended
  const checked = results.flatMap((each) => each.checked)
  switch (format) {
    case 'text':
      break
    case 'json':
      emit(toJson(ended), runtime)
      break
    case 'junit':
      runtime.out(toJunit(results.map(toSuite)))
      break
    case 'sarif':
      emit(toSarif(checked, runtime.version), runtime)
      break
    case 'github':
      for (const line of toGithub(checked)) runtime.command(line)
  }
}

function toJson({ results, open, exitCode }: EndedCheck): object {
  return {
    exitCode,
    environments: results.map((each) => {
      const {
        environment: { name, project },
        cloud,
        failed,
      } = each
      const error = failed === undefined ? {} : { error: { message: failed.message, hint: failed.hint } }
      return { environment: name, project, cloud, verdict: verdictOn(each), ...error }
    }),
    steps: results.flatMap(({ environment, steps, checked }) =>
      steps.map((step) => {
        const because = checked.find(({ key }) => key === step.key)?.because
        return { environment: environment.name, ...step, ...(because === undefined ? {} : { known: because }) }
      }),
    ),
    backfill: results.flatMap(({ environment, backfill }) =>
      backfill.map((point) => ({ environment: environment.name, ...point })),
    ),
    open,
  }
}

const OUTCOMES = { conformant: 'passed', known: 'passed', drift: 'failed', unknown: 'error' } as const

const toSuite = ({ environment, checked }: CheckedEnvironment): Suite => ({
  name: environment.name,
  cases: checked.map(({ title, rule, status, key, says }) => ({
    name: title,
    group: rule,
    outcome: OUTCOMES[status],
    says: status === 'conformant' ? '' : `${key}: ${says}`,
  })),
})
