/** What the elements of a layout have told. */
export interface TimeFields {
  year: number;
  month?: number;
  day?: number;
  yearDay?: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half?: 'AM' | 'PM';
  isUtc: boolean;
  offset?: number;
  zoneName: string;
}
