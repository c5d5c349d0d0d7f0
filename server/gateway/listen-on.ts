import type { FastifyInstance } from "fastify";

/** Opens a door's port on every address. @throws Error with one line that names the variable when the port is taken. */
export async function listenOn(door: FastifyInstance, port: number, variable: string): Promise<void> {
  try {
    await door.listen({ port, host: "::" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new Error(`Port ${port} is in use. End the program that holds it, or set ${variable}.`);
    if (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL") {
      await door.listen({ port, host: "0.0.0.0" });
      return;
    }
    throw error;
  }
}
