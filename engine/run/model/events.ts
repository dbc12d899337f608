import type { Lacking } from '../../approval/policy.ts'
import type { Protection } from '../../approval/protection.ts'
import type { ApprovalStatement, CountersignStatement, OperatorStatement, Signed } from '../../approval/statement.ts'
import type { Signer } from '../../approval/verdict.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Language } from '../../in-force/language.ts'
import type { Elsewhere } from '../../in-force/out-of-force.ts'
import type { CloudName, Plan, PlanSource, SavedPlan } from '../../plan/types.ts'
import type { AccessUsed } from '../../runbook/access.ts'
import type { Action, Duplicates, Expectation, Observation, Status, Undo } from '../../steps/types.ts'
import type { Evidence } from '../../steps/world.ts'

/** What the operator (or `--yes` in their place) said to a step. */
export type Decision =
  | { choice: 'apply' }
  | { choice: 'by-hand' }
  | { choice: 'skip'; reason: string }
  | { choice: 'undo-last' }
  | { choice: 'abort'; reason: string }

/**
 * What the read-back says of an apply: the change is there; it is not, all is as before; it is neither as before
 * nor as it must be; or it could not be read.
 */
export type ReadVerdict = 'applied' | 'not-applied' | 'ambiguous' | 'in-doubt'

/** The same, where what is there was made right by somebody else, or where nobody knows by whom: neither is a change of ours. */
export type Verdict = ReadVerdict | 'made-by-another' | 'made-by-unknown'

/** Who made right what was read back right after a command of ours had failed, by Cloud Audit Logs: the call that they show, or why they don't tell. */
export type Maker = { by: 'us' | 'somebody-else'; call: CloudChange } | { by: 'not-known'; why: string }

/** What carries out the commands, as whom, and the mark in the user agent of all its requests. */
export type GcloudUsed = { kind: 'gcloud' | 'fake'; version: string; account: string; mark?: string }

/**
 * Why a read-back made no further read: it had settled; its time was up; reading was refused; the service had said no, or that
 * another edit came first; the resource said that the change failed for good; the operation was over; or the run was stopped.
 */
export type ReadUntil = 'settled' | 'time-up' | 'refused' | 'said-no' | 'conflict' | 'final' | 'over' | 'stopped'

/** How a run ended. */
export type Ending = 'done' | 'failed' | 'drift' | 'declined' | 'in-doubt' | 'interrupted'

/** What a run was made from, so that it can be gone on with, or taken back, from its log and the same files. */
export type RunFrom = {
  environment: string
  /** Paths are from the workspace's folder where they are in it. */
  sources: PlanSource[]
  given: JsonObject
  /** What each step and check was bound to, as digests by key; left out in logs of earlier versions. */
  bound?: Record<string, string>
  /** The checkout that the backfill is held against, as it was named. */
  repository?: string
  /** The commit that it was at, by which the same repository is known again. */
  repositoryCommit?: string
}
/** The digests of the files that a signature was checked with, so that others can check it with the same. */
export type CheckedWith = { checkedWith: Record<string, string> }

/** A change as Cloud Audit Logs tell it: never what was asked for or answered, which may hold anything. */
export type CloudChange = {
  /** The insertId by which the entry can be found again. */
  id: string
  at: string
  project: string
  service: string
  method: string
  resource: string
  principal: string
  /** The mark of the Breakglass that sent it, where one did. */
  mark?: string
  /** google.rpc.Code, of one that was refused. */
  code?: number
}

/** Cloud Audit Logs of some time held against an incident's log: what belongs to an intent of ours (by the number of its entry), and what doesn't. */
export type Reconciled = {
  from: string
  to: string
  /** Where was looked, and how many entries were there. */
  read: { project: string; entries: number }[]
  ours: (CloudChange & { intent: number })[]
  /** Somebody else's changes of what the incident's runs are about. */
  others: CloudChange[]
  /** Intents of ours to which nothing there belongs. */
  notShown: number[]
  /** Intents of which there is nothing to look for: done by hand, and nothing tells what they are about. */
  notLookedFor: number[]
  /** Intents of which the log says otherwise: changed by us, and no call was committed; or not changed by us, and one was. Left out in earlier versions. */
  contradicted?: number[]
}

/** Everything that happens in a run, each with what the record and a resume need to know of it; the spine of the engine. */
export type RunEvent =
  | {
      type: 'run.opened'
      body: {
        incident: string
        title: string
        reason: string
        operator: string
        cloud: CloudName
        gcloud: GcloudUsed
        /** How Google Cloud was reached, where anything was named for that. */
        access?: AccessUsed
        engine: string
        consent: 'asked' | 'given-beforehand'
        /** The saved plan that was carried out, where one was named. */
        savedPlan?: Pick<SavedPlan, 'id' | 'digest' | 'madeAt' | 'madeBy'> & { expiresAt?: string }
        /** Left out in a run that takes changes back, and in logs of earlier versions. */
        from?: RunFrom
        /** It takes back what these steps of earlier runs have changed, in this order. */
        undoes?: { run: string; step: string }[]
        /** The run in the middle of which that was asked for. */
        within?: string
        /** What protected the environment then; left out in logs of earlier versions. */
        protection?: Protection
      }
    }
  | {
      /** Somebody went on with a run that was cut off, or had ended before it was done; it keeps its name. */
      type: 'run.resumed'
      body: {
        by: string
        gcloud: GcloudUsed
        access?: AccessUsed
        engine: string
        consent: 'asked' | 'given-beforehand'
        protection?: Protection
      }
    }
  | {
      /** The lock of a run that was cut off was taken over: who had it, and who took it. */
      type: 'lock.taken-over'
      body: {
        lock: 'incident' | 'project'
        name: string
        owner: { user: string; pid: number; host: string; incident: string; since: string }
        by: string
      }
    }
  | {
      /** A torn last line of the log, which a run that was cut off had left, was cut away: how many bytes, and their SHA-256. */
      type: 'log.repaired'
      body: { bytes: number; sha256: string }
    }
  | { type: 'plan.made'; body: { plan: Plan; digest: string } }
  | {
      /** Who the operator is, by their own signature; where the policy needs to know. */
      type: 'operator.identified'
      body: Signer & Signed<OperatorStatement> & CheckedWith
    }
  | {
      /** Somebody else approved the plan, and for which group that counts. */
      type: 'plan.approved'
      body: Signer & Signed<ApprovalStatement> & CheckedWith & { group?: string }
    }
  | {
      /** The operator went on alone: a solo override, owed a countersignature. */
      type: 'policy.overridden'
      body: { by: string; reason: string; lacking: Lacking[] }
    }
  | {
      /** Somebody else has looked at what the operator did alone. */
      type: 'override.countersigned'
      body: Signer & Signed<CountersignStatement> & CheckedWith
    }
  | { type: 'environment.entered'; body: { environment: string; project: string; by: string } }
  | { type: 'step.decided'; body: { step: string; decision: Decision; by: string } }
  | {
      type: 'step.observed'
      body: {
        step: string
        observation: Observation
        status: Status
        moved: boolean
        /** It was seen a moment ago, while the step before was read back. */
        ahead?: true
      }
    }
  | {
      type: 'step.intent'
      body: {
        step: string
        attempt: number
        action: Action
        before: Observation
        undo?: Undo
        /** Who makes the change by hand: the engine starts no command. */
        person?: string
      }
    }
  | {
      type: 'step.outcome'
      body: {
        step: string
        attempt: number
        verdict: Verdict
        maker?: Maker
        evidence: Evidence
        readBack: Observation
        expectation: Expectation
        reads: number
        /** Left out in logs of earlier versions. */
        until?: ReadUntil
        /** Of a change in doubt: for so long after this entry it may still take effect. */
        openForMs?: number
        durationMs: number
        simulatedMs?: number
      }
    }
  | {
      /** What somebody says of a step of which nothing can be read: whether it was done by hand, or may go on. */
      type: 'step.stated'
      body: { step: string; says: 'yes' | 'no'; words: string; by: string }
    }
  | {
      /** A wait has ended, because it held or its time was up. */
      type: 'step.waited'
      body: {
        step: string
        observation: Observation
        expectation: Expectation
        status: Status
        reads: number
        durationMs: number
        simulatedMs?: number
      }
    }
  | { type: 'step.not-needed'; body: { step: string; reason: string } }
  | { type: 'step.duplicated'; body: { step: string; duplicates: Duplicates } }
  | {
      /** What a resume read of a change that was in doubt. */
      type: 'step.resolved'
      body: {
        step: string
        attempt: number
        verdict: Verdict
        maker?: Maker
        readBack: Observation
        expectation: Expectation
        reads: number
        until?: ReadUntil
        openForMs?: number
        durationMs: number
        simulatedMs?: number
      }
    }
  | {
      type: 'check.observed'
      body: {
        check: string
        observation: Observation
        expectation: Expectation
        status: Status
        note?: string
        reads: number
        durationMs: number
        simulatedMs?: number
      }
    }
  | {
      type: 'backfill.observed'
      body: {
        runbook: string
        file: string
        says: string
        status: BackfillStatus
        repository?: string
        commit?: string
        note?: BackfillNote
        /** It is about a text that must not be in force. */
        absent?: true
        /** The language in which the file was read; left out where there is no file, and in logs of earlier versions. */
        readAs?: Language
        /** Where it stands without being in force, where it is nowhere in force. */
        elsewhere?: Elsewhere[]
      }
    }
  | {
      /** Somebody has held Cloud Audit Logs against the log of the whole incident, up to here. */
      type: 'cloud.reconciled'
      body: { by: string } & Reconciled
    }
  | { type: 'run.closed'; body: { ending: Ending; reason: string; counts: JsonObject } }

/** Whether the repository says what it must, or nobody has looked. */
export type BackfillStatus = 'implemented' | 'owed' | 'unchecked'

/** What else is to be known of a status: only the working tree has it; there were only files to read; git can't be asked. */
export type BackfillNote = 'not-committed' | 'no-git' | 'git-unknown'
