package org.homeline.validator;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Holds JSON files against the FHIR R4 specification, offline: structure, cardinality, required codes, invariants and
 * UCUM units. Code systems that need a terminology server (SNOMED CT, LOINC) are only warned about by the validator, and
 * warnings are not printed.
 *
 * <p>Arguments: files and folders of {@code *.json}. Exit status 1 when any file has an error, or when there is none.
 */
public final class ValidateR4 {
  private ValidateR4() {}

  /** Prints each error as {@code file location: message}, then one line of totals. */
  public static void main(String[] arguments) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String argument : arguments) {
      try (Stream<Path> found = Files.walk(Path.of(argument))) {
        found.filter(Files::isRegularFile).filter(file -> file.toString().endsWith(".json")).sorted().forEach(files::add);
      }
    }
    if (files.isEmpty()) {
      System.err.println("no .json file to validate");
      System.exit(1);
    }
    FhirValidator validator = offlineValidator();
    int errors = 0;
    for (Path file : files) {
      for (SingleValidationMessage message : validator.validateWithResult(Files.readString(file)).getMessages()) {
        if (message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal()) {
          errors++;
          System.out.printf("%s %s: %s%n", file, message.getLocationString(), message.getMessage());
        }
      }
    }
    System.out.printf("%d files, %d errors%n", files.size(), errors);
    System.exit(errors == 0 ? 0 : 1);
  }

  private static FhirValidator offlineValidator() {
    FhirContext r4 = FhirContext.forR4Cached();
    FhirInstanceValidator rules =
        new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(r4),
                new CommonCodeSystemsTerminologyService(r4),
                new InMemoryTerminologyServerValidationSupport(r4),
                new UnknownCodeSystemWarningValidationSupport(r4)));
    // Our extensions are described in docs/care-plan.md and have no StructureDefinition that the validator could load.
    rules.setAnyExtensionsAllowed(true);
    return r4.newValidator().registerValidatorModule(rules);
  }
}
