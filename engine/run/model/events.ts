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

/** The decision of the operator, or of `--yes` in their place, about a step. */
export type Decision =
  | { choice: 'apply' }
  | { choice: 'by-hand' }
  | { choice: 'skip'; reason: string }
  | { choice: 'undo-last' }
  | { choice: 'abort'; reason: string }

/**
 * The verdict of a read-back: the change took effect; it did not, all is as before; the resource is neither as before
 * nor correct; or it could not be read.
 */
export type ReadVerdict = 'applied' | 'not-applied' | 'ambiguous' | 'in-doubt'

/** A verdict that also knows who made the change: somebody else, or an unknown writer. Neither is a change of ours. */
export type Verdict = ReadVerdict | 'made-by-another' | 'made-by-unknown'

/** Who made a change whose command had failed, by Cloud Audit Logs: the call that they show, or why they can't tell. */
export type Maker = { by: 'us' | 'somebody-else'; call: CloudChange } | { by: 'not-known'; why: string }

/** What runs the gcloud commands, as which account, and the mark in the user agent of its requests. */
export type GcloudUsed = { kind: 'gcloud' | 'fake'; version: string; account: string; mark?: string }

/**
 * Why a read-back ended: it had settled; its time was up; reading was refused; the service refused the command; another
 * edit came first; the resource reports that the change failed; the operation was over; or the run was stopped.
 */
export type ReadUntil = 'settled' | 'time-up' | 'refused' | 'said-no' | 'conflict' | 'final' | 'over' | 'stopped'

/** How a run ended. */
export type Ending = 'done' | 'failed' | 'drift' | 'declined' | 'in-doubt' | 'interrupted'

/** What a run was made from, so that it can be resumed or undone from its log and the same files. */
export type RunFrom = {
  environment: string
  /** Paths are relative to the workspace if they are in it. */
  sources: PlanSource[]
  given: JsonObject
  /** Digests of each bound step and check by key; left out in logs of earlier versions. */
  bound?: Record<string, string>
  /** The checkout to compare the backfill with, as it was named. */
  repository?: string
  /** Its commit, by which the same repository is recognized. */
  repositoryCommit?: string
}

/** Digests of the files that a signature was checked with, so that others can check it with the same. */
export type CheckedWith = { checkedWith: Record<string, string> }

/** A change in Cloud Audit Logs, without its request and response, which may contain anything. */
export type CloudChange = {
  /** The entry's insertId. */
  id: string
  at: string
  project: string
  service: string
  method: string
  resource: string
  principal: string
  /** The mark of the Breakglass that sent it, if one did. */
  mark?: string
  /** The google.rpc.Code of a refused call. */
  code?: number
}

/**
 * Cloud Audit Logs of a period compared with an incident's log: which calls belong to our intents (by entry number),
 * and which don't.
 */
export type Reconciled = {
  from: string
  to: string
  /** Which projects were read, and how many entries they had. */
  read: { project: string; entries: number }[]
  ours: (CloudChange & { intent: number })[]
  /** Somebody else's changes to resources of the incident's runs. */
  others: CloudChange[]
  /** Our intents without a matching call. */
  notShown: number[]
  /** Intents that can't have a matching call: done by hand, on an unknown resource. */
  notLookedFor: number[]
  /**
   * Intents that the audit logs contradict: changed by us without a committed call, or the reverse. Left out in earlier
   * versions.
   */
  contradicted?: number[]
}

/** The verdict on a change, with what was read to reach it. */
type Verified = {
  step: string
  attempt: number
  verdict: Verdict
  maker?: Maker
  readBack: Observation
  expectation: Expectation
  reads: number
  /** Left out in logs of earlier versions. */
  until?: ReadUntil
  /** How long after this entry a change in doubt may still take effect. */
  openForMs?: number
  durationMs: number
  simulatedMs?: number
}

/** Everything that happens in a run, with what the record and a resume need to know; the spine of the engine. */
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
        /** How Google Cloud was reached, if anything was configured. */
        access?: AccessUsed
        engine: string
        consent: 'asked' | 'given-beforehand'
        /** The saved plan that was run, if one was given. */
        savedPlan?: Pick<SavedPlan, 'id' | 'digest' | 'madeAt' | 'madeBy'> & { expiresAt?: string }
        /** Left out in undo runs, and in logs of earlier versions. */
        from?: RunFrom
        /** The changes of earlier runs that it undoes, in this order. */
        undoes?: { run: string; step: string }[]
        /** The run within which the undo was asked for. */
        within?: string
        /** What protected the environment at the time; left out in logs of earlier versions. */
        protection?: Protection
      }
    }
  | {
      /** Somebody resumed a run that was cut off or ended early; it keeps its name. */
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
      /** A lock of a run that was cut off was taken over: from whom, and by whom. */
      type: 'lock.taken-over'
      body: {
        lock: 'incident' | 'project'
        name: string
        owner: { user: string; pid: number; host: string; incident: string; since: string }
        by: string
      }
    }
  | {
      /** A torn last line of the log was removed: its length in bytes, and its SHA-256. */
      type: 'log.repaired'
      body: { bytes: number; sha256: string }
    }
  | { type: 'plan.made'; body: { plan: Plan; digest: string } }
  | {
      /** The operator identified themselves with a signature, if the policy requires it. */
      type: 'operator.identified'
      body: Signer & Signed<OperatorStatement> & CheckedWith
    }
  | {
      /** Somebody else approved the plan, for a group if `group` is set. */
      type: 'plan.approved'
      body: Signer & Signed<ApprovalStatement> & CheckedWith & { group?: string }
    }
  | {
      /** The operator continued without approval: a solo override, which somebody must countersign. */
      type: 'policy.overridden'
      body: { by: string; reason: string; lacking: Lacking[] }
    }
  | {
      /** Somebody else countersigned a solo override. */
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
        /** The observation was prefetched while the step before was read back. */
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
        /** Who makes the change by hand; the engine starts no command. */
        person?: string
      }
    }
  | { type: 'step.outcome'; body: Verified & { evidence: Evidence } }
  | {
      /** A statement about a step that has nothing to read: whether it was done by hand, or is approved. */
      type: 'step.stated'
      body: { step: string; says: 'yes' | 'no'; words: string; by: string }
    }
  | {
      /** A wait ended: its condition held, or its time was up. */
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
      /** What a resume read about a change in doubt. */
      type: 'step.resolved'
      body: Verified
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
        /** The text must not be in force. */
        absent?: true
        /** The language that the file was read as; left out without a file, and in logs of earlier versions. */
        readAs?: Language
        /** Where the text occurs without being in force, if it is nowhere in force. */
        elsewhere?: Elsewhere[]
      }
    }
  | {
      /** Somebody compared Cloud Audit Logs with the incident's log up to here. */
      type: 'cloud.reconciled'
      body: { by: string } & Reconciled
    }
  | { type: 'run.closed'; body: { ending: Ending; reason: string; counts: JsonObject } }

/** Whether the repository contains what it must, or nobody compared. */
export type BackfillStatus = 'implemented' | 'owed' | 'unchecked'

/** A note on a status: only the working tree has it; there were only files to read; git could not be run. */
export type BackfillNote = 'not-committed' | 'no-git' | 'git-unknown'
