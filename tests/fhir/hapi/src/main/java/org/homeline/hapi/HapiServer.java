package org.homeline.hapi;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.interceptor.api.IInterceptorService;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.server.ETagSupportEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Meta;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * The HAPI FHIR R4 JPA server as it comes, in memory, on a free loopback port. It prints {@code READY <base URL>} when it
 * answers, and runs until it is killed.
 */
public final class HapiServer {
  private HapiServer() {}

  public static void main(String[] arguments) throws Exception {
    AnnotationConfigApplicationContext storage = new AnnotationConfigApplicationContext(InMemoryStorage.class);
    Server server = new Server();
    ServerConnector loopback = new ServerConnector(server);
    loopback.setHost("127.0.0.1");
    loopback.setPort(0);
    server.addConnector(loopback);
    ServletContextHandler paths = new ServletContextHandler("/");
    paths.addServlet(new ServletHolder(restfulServer(storage)), "/fhir/*");
    server.setHandler(paths);
    server.start();
    System.out.printf("READY http://127.0.0.1:%d/fhir%n", loopback.getLocalPort());
    server.join();
  }

  private static RestfulServer restfulServer(AnnotationConfigApplicationContext storage) {
    RestfulServer fhir = new RestfulServer(storage.getBean(FhirContext.class));
    fhir.setInterceptorService(storage.getBean(IInterceptorService.class));
    fhir.registerProviders(storage.getBean(ResourceProviderFactory.class).createProviders());
    fhir.registerProvider(storage.getBean(JpaSystemProvider.class));
    fhir.setPagingProvider(storage.getBean(DatabaseBackedPagingProvider.class));
    fhir.setETagSupport(ETagSupportEnum.ENABLED);
    @SuppressWarnings("unchecked")
    IFhirSystemDao<Bundle, Meta> system = storage.getBean(IFhirSystemDao.class);
    fhir.setServerConformanceProvider(
        new JpaCapabilityStatementProvider(
            fhir,
            system,
            storage.getBean(JpaStorageSettings.class),
            storage.getBean(ISearchParamRegistry.class),
            storage.getBean(IValidationSupport.class)));
    return fhir;
  }
}
