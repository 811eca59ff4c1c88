/** Days of birth, as `MM-DD`, that are celebrated on a day: whoever was born on Feb 29 has it on Feb 28 in other years. */
export function birthdaysOn(day: string): string[] {
  const [year, ofYear] = [Number(day.slice(0, 4)), day.slice(5)];
  return ofYear === '02-28' && !isLeap(year) ? ['02-28', '02-29'] : [ofYear];
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
