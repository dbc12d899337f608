/** The most that a person says in a reason, a title or a piece of evidence: 2,000 characters. */
const LONGEST = 2000

/** Whether a person's own words can stand in log and record, or what is wrong with them. */
export function fitsOwnWords(text: string): true | string {
  if (text.trim() === '') return 'It is empty; a few words will do, they stand in the record.'
  if (text.length > LONGEST)
    return `It is longer than ${LONGEST.toLocaleString('en')} characters; details belong in the record, in the places for your own words.`
  return text.isWellFormed() || 'It is not well-formed text; type it again.'
}
