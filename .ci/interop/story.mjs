// A story in steps, each of which needs those before it: the first that fails ends the story, and tells how it looked then.
export class Stories {
  passed = 0;
  failed = 0;

  /**
   * @param name whose story it is
   * @param tell is given `step(what, body)`, to be awaited
   * @param look resolves with what there was to see when a step failed
   */
  async tell(name, tell, look) {
    let told = 'it begins';
    try {
      await tell(async (what, body) => {
        told = what;
        await body();
        this.passed++;
        console.log(`ok    ${name}: ${what}`);
      });
    } catch (e) {
      this.failed++;
      console.log(`FAIL  ${name}: ${told}\n${e.stack ?? e}`);
      console.log(await look().catch(other => `and nothing could be seen: ${other}`));
    }
  }

  /** Prints the sum and resolves with the exit code. */
  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}
