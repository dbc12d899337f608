/** The longest reason, title or evidence, in characters. */
const LONGEST = 2000

/** Returns true if a person's text fits into the log and the record, else what is wrong with it. */
export function fitsOwnWords(text: string): true | string {
  if (text.trim() === '') return 'Type a few words: they appear in the record.'
  if (text.length > LONGEST)
    return `It is longer than ${LONGEST.toLocaleString('en')} characters; write the details into the record, where it has places for your own words.`
  return text.isWellFormed() || 'It is not valid Unicode text; type it again.'
}
