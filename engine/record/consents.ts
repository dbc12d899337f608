import type { ListItem, PhrasingContent } from 'mdast'
import { describeCheckout, describePolicy } from '../approval/protection.ts'
import { nameOfSigner, type Signer } from '../approval/verdict.ts'
import type { RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import { code, item, plain, sentence, traced } from './mdast.ts'
import type { RecordModel } from './model.ts'
import { counted, describeApproval, describeChecked, describeOverride, describeTakeOver, ENDINGS } from './timeline.ts'
import { utc } from './times.ts'
import { withoutFingerprints } from './values.ts'

/** Lists who consented to what in each run, who resumed it, and who approved, signed or countersigned. */
export function consents({ runs, signatures }: Pick<RecordModel, 'runs' | 'signatures'>): ListItem[] {
  return runs.flatMap((state) => {
    const statements = [
      ...state.takenOver.map((body) => ({ text: describeTakeOver(body), entry: body.entry })),
      ...state.resumed.map((resumed) => ({ text: describeResume(resumed), entry: resumed.entry })),
      ...protections(state),
      ...signed(state, signatures),
    ]
    return [
      consent(state),
      ...[...state.steps.values()].flatMap(approval),
      ...statements.map(({ text, entry }) => traced([entry], item(sentence(text, [])))),
    ]
  })
}

type Statement = { text: string; entry: number }

function consent({ opened, run, steps, entry }: RunState): ListItem {
  const consented = [...steps.values()].filter(({ decisions }) =>
    decisions.some(({ decision }) => decision.choice === 'apply' || decision.choice === 'by-hand'),
  ).length
  const byHand = [...steps.values()].filter(({ person }) => person !== undefined).length
  const what = `${opened.undoes ? 'undo ' : ''}${consented === 0 ? 'no change' : counted(consented, 'change')}`
  return traced(
    [entry],
    item([
      ...sentence(`${opened.operator} consented to ${what} (${describeConsent(opened)}) in run `, []),
      code(run),
      ...savedPlanOf(opened),
      plain(`, ${makersOf(consented, byHand, opened.gcloud)}`),
    ]),
  )
}

const describeConsent = ({ consent: how }: Pick<RunState['opened'], 'consent'>): string =>
  how === 'asked' ? 'asked before each step' : 'in advance with `--yes`'

/** Returns an approval that the runbook asks for, in the words of whoever gave it. */
function approval({ planned: { apply }, status, stated, entries }: StepState): ListItem[] {
  if (apply?.kind !== 'ask' || status !== 'approved' || !stated) return []
  const { by, words } = stated
  return [traced(entries.slice(-1), item(sentence(`${by} approved: ${apply.question} (${words})`, [])))]
}

/** Describes who resumed a run, and how it had ended. */
function describeResume({ by, time, after, consent }: RunState['resumed'][number]): string {
  const ended = after
    ? `it had ended: ${ENDINGS[after.ending]} (${withoutFingerprints(after.reason)})`
    : 'it had been cut off'
  return `${by} resumed the run at ${utc(time)} after ${ended}; consent ${describeConsent({ consent })}`
}

/** Lists the policy that applied when a run started and at each resume, and what of the protection was lowered. */
function protections({ opened, entry, resumed }: RunState): Statement[] {
  const each = [
    { protection: opened.protection, entry, when: 'At the start' },
    ...resumed.map(({ protection, entry, time }) => ({ protection, entry, when: `At the resume (${utc(time)})` })),
  ]
  return each.flatMap(({ protection, entry, when }) => {
    if (protection === undefined) return []
    const lowered = protection.lowered ?? []
    const approvals = protection.approvals ?? []
    return [
      { text: `${when}: ${describePolicy(protection)}`, entry },
      { text: `${when}: ${describeCheckout(protection.workspace)}`, entry },
      ...(lowered.length > 0
        ? [
            {
              text: `PROTECTION LOWERED since the previous run, as the operator was shown: ${lowered.join('; ')}`,
              entry,
            },
          ]
        : []),
      ...(approvals.length > 0
        ? [{ text: `${when}: approvals in log entries ${approvals.join(', ')} were checked again and counted`, entry }]
        : []),
    ]
  })
}

/** Lists the operator's signature, approvals, solo overrides and countersignatures. */
function signed(run: RunState, signatures: RecordModel['signatures']): Statement[] {
  const nameOf = (signer: Signer) => `${nameOfSigner(signer)} (key ${signer.key})`
  const withCheck = (text: string, { entry, time }: { entry: number; time: string }): Statement => ({
    text: `${text}; ${describeChecked(signatures?.get(entry), time)}`,
    entry,
  })
  return [
    ...run.operators.map((operator) => withCheck(`The operator signed as ${nameOf(operator)}`, operator)),
    ...run.approvals.map((approval) => withCheck(describeApproval(approval), approval)),
    ...run.overrides.flatMap((override) => [
      { text: describeOverride(override), entry: override.entry },
      ...(override.countersigned
        ? [
            withCheck(
              `${nameOf(override.countersigned)} countersigned the solo override at ${utc(override.countersigned.time)}`,
              override.countersigned,
            ),
          ]
        : []),
    ]),
  ]
}

/** Names the saved plan that was consented to as a whole. */
const savedPlanOf = ({ savedPlan }: RunState['opened']): PhrasingContent[] =>
  savedPlan === undefined
    ? []
    : [
        plain(', with the saved plan '),
        code(savedPlan.id),
        plain(` made by ${savedPlan.madeBy} at ${utc(savedPlan.madeAt)}, digest `),
        code(savedPlan.digest),
      ]

/** Describes who made the changes: gcloud, a person by hand, or both. */
function makersOf(consented: number, byHand: number, gcloud: RunState['opened']['gcloud']): string {
  const program = describeProgram(gcloud)
  if (byHand === 0) return `made with ${program}`
  if (byHand >= consented) return `made by hand and observed with ${program}`
  return `${byHand} of them made by hand, the others with ${program}`
}

/** Names what ran the commands: a reader must know whether it was the real gcloud. */
const describeProgram = ({ kind, version }: RunState['opened']['gcloud']): string =>
  kind === 'gcloud' ? `gcloud ${version}` : `the fake gcloud of Breakglass ${version} (no gcloud was installed)`
