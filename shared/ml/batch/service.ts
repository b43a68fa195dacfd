/** How a dataset stands. `gone`: it was deleted. */
export type DatasetState = 'checked' | 'being checked' | 'invalid' | 'gone'

/** A run of a model over a dataset. */
export interface Run {
  readonly state: 'under way' | 'completed' | 'failed'
  readonly resultId: string
  /** What the service says went wrong, empty for nothing. */
  readonly trouble: string
}

export interface Line {
  /** Texts that the model was shown. */
  readonly shown: readonly string[]
  readonly response: string
}

/** Batch inference, as the service has it; its refusals are thrown as verdicts. */
export interface BatchService {
  /** A call that costs and changes nothing. */
  look(): Promise<void>
  /** Uploads lines of requests and has them checked. Costs nothing. Returns the dataset. */
  upload(name: string, ofPictures: boolean, lines: string): Promise<string>
  datasetState(id: string): Promise<DatasetState>
  runOf(datasetId: string): Promise<Run | undefined>
  /** Begins a run, which costs money. */
  begin(datasetId: string, model: string): Promise<void>
  results(datasetId: string): Promise<Line[]>
  /** Datasets that `upload` made, and when. */
  datasets(): Promise<{ readonly id: string; readonly madeAt: Date }[]>
  /** Removes a dataset, its run and its result. */
  remove(datasetId: string): Promise<void>
}
