import type { ListItem, PhrasingContent } from 'mdast'
import { describeCheckout, describePolicy } from '../approval/protection.ts'
import { nameOfSigner, type Signer } from '../approval/verdict.ts'
import type { RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import { code, item, plain, sentence, traced } from './mdast.ts'
import type { RecordModel } from './model.ts'
import { describeApproval, describeChecked, describeOverride, describeTakeOver } from './timeline.ts'

/** Who consented to what in each run, and who went on with it, signed or countersigned. */
export function consents({ runs, signatures }: Pick<RecordModel, 'runs' | 'signatures'>): ListItem[] {
  return runs.flatMap((state) => {
    const { opened, run, steps, resumed, takenOver, entry } = state
    const applied = [...steps.values()].filter(({ decisions }) =>
      decisions.some(({ decision }) => decision.choice === 'apply' || decision.choice === 'by-hand'),
    ).length
    const byHand = [...steps.values()].filter(({ person }) => person !== undefined).length
    const how = opened.consent === 'asked' ? 'asked for each step' : 'given beforehand with --yes'
    const what = `${applied} ${applied === 1 ? 'change' : 'changes'}`
    const consent = item([
      plain(`${opened.operator} consented to ${opened.undoes ? `taking ${what} back` : what} (${how}), run `),
      code(run),
      ...savedPlanOf(opened),
      plain(`, ${carriersOf(applied, byHand, opened.gcloud)}`),
      ...traced([entry]),
    ])
    const others = [
      ...takenOver.map((body) => ({ text: describeTakeOver(body), entry: body.entry })),
      ...protections(state),
      ...consentsOfOthers(state, signatures),
    ]
    return [
      consent,
      ...[...steps.values()].flatMap(approval),
      ...resumed.map(resumption),
      ...others.map(({ text, entry }) => item([...sentence(text, []), ...traced([entry])])),
    ]
  })
}

/** What somebody approved, in their own words. */
function approval({ planned: { apply }, status, stated, entries }: StepState): ListItem[] {
  if (apply?.kind !== 'ask' || status !== 'approved' || !stated) return []
  const { by, words } = stated
  return [item([...sentence(`${by} approved: ${apply.question} (${words})`, []), ...traced(entries.slice(-1))])]
}

/** Who went on with a run, and how it had ended before. */
const resumption = ({ by, time, after, consent, entry }: RunState['resumed'][number]): ListItem =>
  item([
    plain(`${by} went on with it at `),
    code(time),
    ...sentence(
      `, ${after ? `after it had ended: ${after.ending} (${after.reason})` : 'after it had been cut off'}; ${consent === 'asked' ? 'asked for each step' : 'consent given beforehand with --yes'}`,
      [],
    ),
    ...traced([entry]),
  ])

/** Which policy applied when somebody began the run and each time that somebody went on with it, and what was lowered since. */
function protections({ opened, entry, resumed }: RunState): Said[] {
  const each = [
    { protection: opened.protection, entry, when: 'When the run began' },
    ...resumed.map(({ protection, entry, time }) => ({ protection, entry, when: `When it went on at ${time}` })),
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
              text: `PROTECTION LOWERED since the run before, and the operator was shown that: ${lowered.join('; ')}`,
              entry,
            },
          ]
        : []),
      ...(approvals.length > 0
        ? [
            {
              text: `${when}, these approvals of the log were checked again and counted: entries ${approvals.join(', ')}`,
              entry,
            },
          ]
        : []),
    ]
  })
}

type Said = { text: string; entry: number }

/** Who the operator was by their signature, who approved, and what was done without it. */
function consentsOfOthers(run: RunState, signatures: RecordModel['signatures']): Said[] {
  const signedBy = (signer: Signer) => `${nameOfSigner(signer)} (key ${signer.key})`
  const signed = (text: string, { entry, time }: { entry: number; time: string }): Said => ({
    text: `${text}; ${describeChecked(signatures?.get(entry), time)}`,
    entry,
  })
  return [
    ...run.operators.map((operator) => signed(`The operator signed as ${signedBy(operator)}`, operator)),
    ...run.approvals.map((approval) => signed(describeApproval(approval), approval)),
    ...run.overrides.flatMap((override) => [
      { text: describeOverride(override), entry: override.entry },
      ...(override.countersigned
        ? [
            signed(
              `${signedBy(override.countersigned)} countersigned that at ${override.countersigned.time}`,
              override.countersigned,
            ),
          ]
        : []),
    ]),
  ]
}

/** The saved plan that was consented to as a whole, if it was one. */
const savedPlanOf = ({ savedPlan }: RunState['opened']): PhrasingContent[] =>
  savedPlan === undefined
    ? []
    : [
        plain(', of the saved plan '),
        code(savedPlan.id),
        plain(` that ${savedPlan.madeBy} made at `),
        code(savedPlan.madeAt),
        plain(', digest '),
        code(savedPlan.digest),
      ]

/** Describes who made the changes: the engine's gcloud, a person by hand, or both. */
function carriersOf(applied: number, byHand: number, gcloud: RunState['opened']['gcloud']): string {
  if (byHand === 0) return `carried out by ${carrierOf(gcloud)}`
  if (byHand >= applied) return `made by hand; ${carrierOf(gcloud)} only observed`
  return `${byHand} of them made by hand, the others carried out by ${carrierOf(gcloud)}`
}

/** What ran the commands, with its version: a reader must know whether it was the real gcloud. */
const carrierOf = ({ kind, version }: RunState['opened']['gcloud']): string =>
  kind === 'gcloud' ? `gcloud ${version}` : `the fake gcloud of Breakglass ${version} (no gcloud was installed)`
