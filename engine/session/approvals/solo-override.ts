import { describeLacking, type Lacking } from '../../approval/policy.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { protectedAmong } from '../../plan/affected-projects.ts'
import { fitsOwnWords } from '../../run/free-text.ts'
import type { RunEvent } from '../../run/model/events.ts'
import { questionsAt } from '../../terminal/questions.ts'
import { painter, wrap } from '../../terminal/screen.ts'
import type { Site } from '../../terminal/site.ts'
import type { Session } from '../log/session.ts'
import { siteOfPrepared } from '../prepare/prepare.ts'

type Overridden = Extract<RunEvent, { type: 'policy.overridden' }>

/**
 * Lets the operator override the policy alone if an approval is lacking, with a reason, and subject to somebody else's
 * countersignature. Throws UserError if they don't, or if nobody can be asked.
 */
export async function overridePolicy(
  operator: string,
  lacking: Lacking[],
  session: Session,
  request: { yes: boolean; override?: string; saved?: unknown },
): Promise<Overridden> {
  const { prepared, print, runtime } = session
  const { environment } = prepared
  const { columns, colour } = runtime.terminal
  const loud = (text: string) => print(painter(colour)('notice', wrap(printable(text), columns, '')))
  const needs = describeLacking(lacking)
  const [guarded] = protectedAmong(prepared)
  if (request.yes && guarded !== undefined && request.override !== undefined)
    throw new UserError(
      `${guarded.name} is protected, so --override and --yes together are not enough to change it alone; the plan lacks approval by ${needs}`,
      'run it in a terminal without --yes to be asked before each change',
      4,
    )
  const asked = request.override === undefined && !request.yes && runtime.terminal.interactive
  print('')
  if (asked) loud(`This plan lacks approval by ${needs}.`)
  const reason = asked ? await askWhy(siteOfPrepared(prepared), runtime) : request.override?.trim()
  if (reason === undefined) throw lacksApproval(needs, request.saved !== undefined)
  loud(
    `SOLO OVERRIDE: ${operator} changes ${environment.name} without approval by ${needs}. It stays an open action item of the incident until somebody else countersigns it.`,
  )
  return { type: 'policy.overridden', body: { by: operator, reason, lacking } }
}

async function askWhy(site: Site, runtime: Session['runtime']): Promise<string | undefined> {
  const questions = questionsAt(runtime, site)
  const choice = await questions.choose<'stop' | 'alone'>(
    'What now?',
    [
      { key: 's', name: 'stop and have it approved', value: 'stop' },
      { key: 'g', name: 'go ahead alone (asks for a reason; somebody else must countersign it)', value: 'alone' },
    ],
    { start: 'stop', leave: 'stop' },
  )
  if (choice === 'stop') return undefined
  return questions.line('Why can nobody else be asked?', fitsOwnWords)
}

function lacksApproval(needs: string, saved: boolean): UserError {
  const have =
    'have it approved with `breakglass approve PLAN-FILE`, then `breakglass run --plan PLAN-FILE --approval FILE`'
  return new UserError(
    `the plan lacks approval by ${needs}; nothing was changed`,
    `${saved ? have : `save it with \`breakglass plan … --out PLAN-FILE\`, ${have}`}; or go ahead alone with --override REASON`,
    4,
  )
}
