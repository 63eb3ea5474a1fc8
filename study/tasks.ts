/**
 * The good changes: what two published versions of a package differ in, in the named folders. Chosen for sources as text, with more than one
 * place that changes; versions and hashes are fixed, so that what was true yesterday is true tomorrow.
 */

export interface PackageChange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Subresource integrity of both archives. */
  readonly integrity: readonly [string, string];
  /** Files whose change is the task: folders or files; what is said in no text is left out. */
  readonly within: readonly string[];
}

export const packageChanges: readonly PackageChange[] = [
  {
    ...{ name: "semver", from: "7.6.3", to: "7.7.1", within: ["classes", "functions", "internal"] },
    integrity: [
      "sha512-oVekP1cKtI+CTDvHWYFUcMtsK/00wmAEfyqKfNdARm8u1wNVhSgaX7A8d4UuIlUI5e84iEwOhs7ZPYRmzU9U6A==",
      "sha512-hlq8tAfn0m/61p4BVRcPzIGr6LKiMwo4VM6dGi6pt4qcRkmNzTcWq6eCEjEh+qXjkMDvPlOFFSGwQjoEa6gyMA==",
    ],
  },
  {
    ...{ name: "ws", from: "8.17.0", to: "8.18.0", within: ["lib"] },
    integrity: [
      "sha512-uJq6108EgZMAl20KagGkzCKfMEjxmKvZHG7Tlq0Z6nOky7YF7aq4mOx6xK8TJ/i1LeK4Qus7INktacctDgY8Ow==",
      "sha512-8VbfWfHLbbwu3+N6OKsOMpBdT4kXPDDB9cJk2bJ6mh9ucxdlnNvH1e+roYkKmN9Nxw2yjz7VzeO9oOz2zJ04Pw==",
    ],
  },
  {
    ...{ name: "commander", from: "13.0.0", to: "13.1.0", within: ["lib"] },
    integrity: [
      "sha512-oPYleIY8wmTVzkvQq10AEok6YcTC4sRUBl8F9gVuwchGVUCTbl/vhLTaQqutuuySYOsu8YTgV+OxKc/8Yvx+mQ==",
      "sha512-/rFeCpNJQbhSZjGVwO9RFV3xPqbnERS8MmIQzCtD/zl6gpJuV/bMLuN92oG3F7d8oDEHHRrujSXNUr8fpjntKw==",
    ],
  },
  {
    ...{ name: "picomatch", from: "2.3.1", to: "3.0.1", within: ["index.js", "posix.js", "lib"] },
    integrity: [
      "sha512-JU3teHTNjmE2VCGFzuY8EXzCDVwEqB2a8fsIvwaStHhAWJEeVd1o1QD80CU6+ZdEXXSLbSsuLwJjkCBWqRQUVA==",
      "sha512-I3EurrIQMlRc9IaAZnqRR044Phh2DXY+55o7uJ0V+hYZAcQYSuFWsc9q5PvyDHUSCe1Qxn/iBz+78s86zWnGag==",
    ],
  },
  {
    ...{ name: "braces", from: "3.0.2", to: "3.0.3", within: ["index.js", "lib"] },
    integrity: [
      "sha512-b8um+L1RzM3WDSzvhm6gIz1yfTbBt6YTlcEKAvsmqCZZFw46z626lVj9j1yEPW33H5H+lBQpZMP1k8l+78Ha0A==",
      "sha512-yQbXgO/OSZVD2IsiLlro+7Hf6Q18EJrKSEsdoMzKePKXct3gvD8oLcOQdIzGupr5Fj+EDe8gO/lxc1BzfMpxvA==",
    ],
  },
  {
    ...{ name: "cookie", from: "0.6.0", to: "0.7.2", within: ["index.js"] },
    integrity: [
      "sha512-U71cyTamuh1CRNCfpGY6to28lxvNwPG4Guz/EVjgf3Jmzv0vlDp1atT9eS5dDjMYHucpHbWns6Lwf3BKz6svdw==",
      "sha512-yki5XnKuf750l50uGTllt6kKILY4nQ1eNIQatoXEByZ5dWgnKqbnqmTrBE5B4N7lrMJKQ2ytWMiTO2o0v6Ew/w==",
    ],
  },
  {
    ...{ name: "debug", from: "4.3.7", to: "4.4.0", within: ["src"] },
    integrity: [
      "sha512-Er2nc/H7RrMXZBFCEim6TCmMk02Z8vLC2Rbi1KEBggpo0fS6l0S1nnapwmIi3yW/+GOJap1Krg4w0Hg80oCqgQ==",
      "sha512-6WTZ/IxCY/T6BALoZHaE4ctp9xm+Z5kY/pzYaCHRFeyVhojxlrm+46y68HA6hr0TcwEssoxNiDEUJQjfPZ/RYA==",
    ],
  },
  {
    ...{ name: "ini", from: "3.0.1", to: "4.1.3", within: ["lib"] },
    integrity: [
      "sha512-it4HyVAUTKBc6m8e1iXWvXSTdndF7HbdN713+kvLrymxTaU4AUBWrJ4vEooP+V7fexnVD3LKcBshjGGPefSMUQ==",
      "sha512-X7rqawQBvfdjS10YU1y1YVreA3SsLrW9dX2CewP2EbBJM4ypVNLDkO5y04gejPwKIY9lR+7r9gn3rFPt/kmWFg==",
    ],
  },
  {
    ...{ name: "ipaddr.js", from: "2.1.0", to: "2.2.0", within: ["lib"] },
    integrity: [
      "sha512-LlbxQ7xKzfBusov6UMi4MFpEg0m+mAm9xyNGEduwXMEDuf4WfzB/RZwMVYEd7IKGvh4IUkEXYxtAVu9T3OelJQ==",
      "sha512-Ag3wB2o37wslZS19hZqorUnrnzSkpOVy+IiiDEiTqNubEYpYuHWIf6K4psgN2ZWKExS4xhVCrRVfb/wfW8fWJA==",
    ],
  },
  {
    ...{
      name: "lodash",
      from: "4.17.20",
      to: "4.17.21",
      within: [
        "_baseTrim.js",
        "_trimmedEndIndex.js",
        "lodash.js",
        "parseInt.js",
        "template.js",
        "toNumber.js",
        "trim.js",
        "trimEnd.js",
        "trimStart.js",
      ],
    },
    integrity: [
      "sha512-PlhdFcillOINfeV7Ni6oF1TAEayyZBoZ8bcshTHqOYJYlrqzRK5hagpagky5o4HfCzzd1TRkXPMFq6cKk9rGmA==",
      "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==",
    ],
  },
  {
    ...{ name: "luxon", from: "3.4.4", to: "3.5.0", within: ["src"] },
    integrity: [
      "sha512-zobTr7akeGHnv7eBOXcRgMeCP6+uyYsczwmeRCauvpvaAltgNyTbLH/+VaEAPUeWBT+1GuNmz4wC/6jtQzbbVA==",
      "sha512-rh+Zjr6DNfUYR3bPwJEnuwDdqMbxZW7LOQfUN4B54+Cl+0o5zaU9RJ6bcidfDtC1cWCZXQ+nvX8bf6bAji37QQ==",
    ],
  },
  {
    ...{ name: "path-to-regexp", from: "8.1.0", to: "8.2.0", within: ["dist"] },
    integrity: [
      "sha512-Bqn3vc8CMHty6zuD+tG23s6v2kwxslHEhTj4eYaVKGIEB+YX/2wd0/rgXLFD9G9id9KCtbVy/3ZgmvZjpa0UdQ==",
      "sha512-TdrF7fW9Rphjq4RjrW0Kp2AW0Ahwu9sRGTkS6bvDi0SCwZlEZYmcfDbEsTz8RVk0EHIS/Vd1bv3JhG+1xZuAyQ==",
    ],
  },
  {
    ...{ name: "diff", from: "5.1.0", to: "5.2.0", within: ["lib/index.mjs"] },
    integrity: [
      "sha512-D+mk+qE8VC/PAUrlAU34N+VfXev0ghe5ywmpqrawphmVZc1bEfn56uo9qpyGp1p4xpzOHkSW4ztBd6L7Xx4ACw==",
      "sha512-uIFDxqpRZGZ6ThOk84hEfqWoHx2devRFvpTZcTHur85vImfaxUbTW9Ryh4CpCuDnToOP1CEtXKIgytHBPVff5A==",
    ],
  },
  {
    ...{ name: "yaml", from: "2.6.0", to: "2.7.0", within: ["dist"] },
    integrity: [
      "sha512-a6ae//JvKDEra2kdi1qzCyrJW/WZCgFi8ydDV+eXExl95t+5R+ijnqHJbz9tmMh8FUjx3iv2fCQ4dclAQlO2UQ==",
      "sha512-+hSoy/QHluxmC9kCIJyL/uyFmLmc+e5CFR5Wa+bpIhIj85LVb9ZH2nVnqrHoSvKogwODv0ClqZkmiSSaIH5LTA==",
    ],
  },
];
