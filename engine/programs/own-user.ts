import { statSync } from 'node:fs'
import { platform, userInfo } from 'node:os'

/** Returns the user id that this process runs as; one without an entry in the system's list of users has a number too. */
export const ownUser = (): number => (platform() === 'linux' ? statSync('/proc/self').uid : userInfo().uid)

/** Tells whether what belongs to a user can be trusted as our own or the system's. */
export const isOwnOrRoot = (uid: number): boolean => uid === 0 || uid === ownUser()
