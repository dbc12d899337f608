import { statSync } from 'node:fs'
import { platform, userInfo } from 'node:os'

/** Returns the user id of this process, which exists even for a user without a name. */
export const ownUser = (): number => (platform() === 'linux' ? statSync('/proc/self').uid : userInfo().uid)

/** Returns whether something that belongs to a user can be trusted as our own or the system's. */
export const isOwnOrRoot = (uid: number): boolean => uid === 0 || uid === ownUser()
